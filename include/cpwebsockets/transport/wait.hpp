/// Waiting with poll(2), bounded by a deadline and ended by a std::stop_token.
#pragma once

#include <poll.h>

#include <chrono>
#include <optional>
#include <span>
#include <stop_token>
#include <system_error>

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

/// Waits until one of `entries` is ready (their revents are set). timed_out, operation_canceled or an errno
/// value otherwise.
[[nodiscard]] std::error_code wait_for_any(std::span<pollfd> entries, const Deadline& deadline) noexcept;

/// Waits until `descriptor` is ready for `events`.
[[nodiscard]] std::error_code wait_for(int descriptor, short events, const Deadline& deadline) noexcept;

}  // namespace cpwebsockets::transport
