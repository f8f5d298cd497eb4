/// Waiting for sockets, bounded by a deadline and ended by a std::stop_token.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <stop_token>
#include <system_error>

#include "cpwebsockets/transport/stream.hpp"

namespace cpwebsockets::transport {

using Clock = std::chrono::steady_clock;

/// When a wait must end, and what may end it earlier.
struct Deadline {
  Clock::time_point at = Clock::time_point::max();
  std::stop_token stop;

  /// Milliseconds left, rounded up: 0 when it has passed. -1: no limit.
  [[nodiscard]] int poll_timeout() const noexcept;
  [[nodiscard]] bool passed() const noexcept { return at != Clock::time_point::max() && Clock::now() >= at; }
};

/// What a socket is ready for, or what somebody waits for.
enum class Ready : std::uint8_t { none = 0, read = 1, write = 2, both = 3 };

[[nodiscard]] constexpr Ready operator|(Ready a, Ready b) noexcept {
  return static_cast<Ready>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
[[nodiscard]] constexpr Ready operator&(Ready a, Ready b) noexcept {
  return static_cast<Ready>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}

/// One socket of those that wait_for_any() waits for. no_handle is never ready.
struct WaitEntry {
  Handle handle = no_handle;
  Ready wanted = Ready::none;
  Ready ready =
      Ready::none;  ///< the result; all that was wanted if the socket has failed: the next call says why
};

inline constexpr std::size_t most_wait_entries = 16;

/// Waits until one of `entries` is ready or has failed; of more than 16 only the first 16 count. timed_out,
/// operation_canceled or the system's error otherwise.
[[nodiscard]] std::error_code wait_for_any(std::span<WaitEntry> entries, const Deadline& deadline) noexcept;

/// Waits until `handle` is ready for what is wanted, for one of the two with Ready::both, or has failed.
/// Ready::none waits for a failure alone.
[[nodiscard]] std::error_code wait_for(Handle handle, Ready wanted, const Deadline& deadline) noexcept;

}  // namespace cpwebsockets::transport
