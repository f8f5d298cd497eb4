/// Time as the core is told it.
#pragma once

#include <chrono>
#include <cstdint>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::protocol {

/// The driver's clock. It never goes back, and may begin anywhere. The core is only told its times.
struct Clock {
  /// What std::chrono asks of a clock.
  /// @{
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;
  /// @}
};
/// A moment of that clock.
using Time = Clock::time_point;
/// A span of time, in microseconds.
using Duration = Clock::duration;

/// Type of #no_limit: the longest duration of any type.
struct NoLimit {
  /// The longest of its type.
  template <typename Rep, typename Period>
  constexpr operator std::chrono::duration<Rep, Period>()
      const noexcept {  // NOLINT(google-explicit-constructor)
    return std::chrono::duration<Rep, Period>::max();
  }
};
/// What any time limit of this library is set to for no limit. No time at all is 0.
inline constexpr NoLimit no_limit;

// In the place of the standard library's for any two time points, which GCC 12 makes much larger code of: 150
// bytes of a small device's client.
/// Compares two moments.
constexpr bool operator<(Time a, Time b) noexcept {
  return a.time_since_epoch().count() < b.time_since_epoch().count();
}
/// Compares two moments.
constexpr bool operator>(Time a, Time b) noexcept {
  return b < a;
}
/// Compares two moments.
constexpr bool operator<=(Time a, Time b) noexcept {
  return !(b < a);
}
/// Compares two moments.
constexpr bool operator>=(Time a, Time b) noexcept {
  return !(a < b);
}

}  // namespace cpwebsockets::protocol
