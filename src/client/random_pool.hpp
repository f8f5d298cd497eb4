/// Unpredictable bytes from the operating system, fetched in batches.
#pragma once

#include <cstddef>
#include <span>

#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets {

/// A page of bytes from getrandom(2), handed out once each: about a thousand masking keys per system call.
/// The kernel wipes the page in the child of a fork(2), which so never repeats its parent's keys; where the
/// system cannot do that, or more is wanted than a page holds, it is asked each time. Not thread-safe.
class RandomPool {
 public:
  RandomPool() noexcept;
  RandomPool(const RandomPool&) = delete;
  RandomPool& operator=(const RandomPool&) = delete;
  ~RandomPool();

  [[nodiscard]] bool fill(std::span<std::byte> out) noexcept;
  /// As the core wants it.
  [[nodiscard]] protocol::Random source() noexcept;

 private:
  struct Page;
  bool refill() noexcept;
  Page* page_;
};

}  // namespace cpwebsockets
