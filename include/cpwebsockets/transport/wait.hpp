/// Waiting for sockets, bounded by a deadline and ended by a std::stop_token.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <stop_token>
#include <system_error>

#include "cpwebsockets/transport/stream.hpp"

namespace cpwebsockets::transport {

/// The clock of deadlines.
using Clock = std::chrono::steady_clock;

/// When a wait must end, and what may end it earlier.
struct Deadline {
  /// The moment; max() for none.
  Clock::time_point at = Clock::time_point::max();
  /// A stop request ends the wait.
  std::stop_token stop;

  /// Milliseconds left, rounded up: 0 when it has passed. -1: no limit.
  [[nodiscard]] int poll_timeout() const noexcept;
  /// True when the moment has passed.
  [[nodiscard]] bool passed() const noexcept { return at != Clock::time_point::max() && Clock::now() >= at; }
};

/// What a socket is ready for, or what somebody waits for.
enum class Ready : std::uint8_t { none = 0, read = 1, write = 2, both = 3 };

/// Ready for one or the other.
[[nodiscard]] constexpr Ready operator|(Ready a, Ready b) noexcept {
  return static_cast<Ready>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
/// Ready for what is in both.
[[nodiscard]] constexpr Ready operator&(Ready a, Ready b) noexcept {
  return static_cast<Ready>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}

/// One socket of those that wait_for_any() waits for. no_handle is never ready.
struct WaitEntry {
  /// The socket.
  Handle handle = no_handle;
  /// What to wait for.
  Ready wanted = Ready::none;
  Ready ready =
      Ready::none;  ///< the result; all that was wanted if the socket has failed: the next call says why
};

/// The most entries that wait_for_any() looks at.
inline constexpr std::size_t most_wait_entries = 16;

/// Waits until one of `entries` is ready or has failed. Only the first #most_wait_entries count. Otherwise
/// the error is std::errc::timed_out, std::errc::operation_canceled, or the system's. Thread-safe.
[[nodiscard]] std::error_code wait_for_any(std::span<WaitEntry> entries, const Deadline& deadline) noexcept;

/// Waits until `handle` is ready for what is wanted, for one of the two with Ready::both, or has failed.
/// Ready::none waits for a failure alone. Errors as for wait_for_any().
[[nodiscard]] std::error_code wait_for(Handle handle, Ready wanted, const Deadline& deadline) noexcept;

/// The time of Clock, at most a few milliseconds late: cheaper where the system has a coarse clock.
[[nodiscard]] std::chrono::microseconds coarse_time() noexcept;

/// A number of this process. A forked child has another one.
[[nodiscard]] long process_id() noexcept;

}  // namespace cpwebsockets::transport
