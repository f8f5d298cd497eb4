/// Unpredictable bytes from the operating system, fetched in batches.
#pragma once

#include <cstddef>
#include <span>

#include "../transport/secret_page.hpp"
#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets {

/// A page of the system's random bytes, each of which is used once: about a thousand masking keys per system
/// call. The page is wiped in the child of a fork(2), so that it never repeats its parent's keys. If the
/// system cannot do that, or more is wanted than a page holds, the system is asked each time. Not
/// thread-safe.
class RandomPool {
 public:
  [[nodiscard]] bool fill(std::span<std::byte> out) noexcept;
  /// For protocol::Config::random.
  [[nodiscard]] protocol::Random source() noexcept;

 private:
  transport::SecretPage page_;
};

}  // namespace cpwebsockets
