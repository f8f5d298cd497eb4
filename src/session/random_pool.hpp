/// Unpredictable bytes from the operating system, fetched in batches.
#pragma once

#include <cstddef>
#include <span>

#include "../transport/secret_page.hpp"
#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets {

/// A page of the system's random bytes, handed out once each: about a thousand masking keys per system call.
/// The page is empty in the child of a fork(2), which so never repeats its parent's keys; where the system
/// cannot do that, or more is wanted than a page holds, it is asked each time. Not thread-safe.
class RandomPool {
 public:
  [[nodiscard]] bool fill(std::span<std::byte> out) noexcept;
  /// As the core wants it.
  [[nodiscard]] protocol::Random source() noexcept;

 private:
  transport::SecretPage page_;
};

}  // namespace cpwebsockets
