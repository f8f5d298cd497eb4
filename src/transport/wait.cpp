#include "cpwebsockets/transport/wait.hpp"

#include <algorithm>
#include <climits>
#include <optional>

#include "poll.hpp"
#include "wake_up.hpp"

namespace cpwebsockets::transport {
namespace {

// How often a wait looks for a stop request where no handle could be had that would tell it.
constexpr int stop_look_interval = 20;  // ms

// GCC's library for Windows loses wake-ups (seen with GCC 12): a std::stop_callback that is being called
// while it goes may never be gone.
#if defined(_WIN32) && defined(__GLIBCXX__)
constexpr bool stop_callbacks_end = false;
#else
constexpr bool stop_callbacks_end = true;
#endif

}  // namespace

int Deadline::poll_timeout() const noexcept {
  if (at == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(at - Clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
}

std::error_code wait_for_any(std::span<WaitEntry> entries, const Deadline& deadline) noexcept {
  if (deadline.stop.stop_requested()) return std::make_error_code(std::errc::operation_canceled);
  const bool can_stop = deadline.stop.stop_possible();
  const WakeUp stop(can_stop && stop_callbacks_end);  // made for waits that can be stopped alone
  const auto signal = [&stop] { stop.signal(); };
  std::optional<std::stop_callback<decltype(signal)>> wake;
  if (stop.handle() != no_handle) wake.emplace(deadline.stop, signal);
  const bool looks = can_stop && stop.handle() == no_handle;
  entries = entries.first(std::min(entries.size(), most_wait_entries));
  for (;;) {
    int timeout = deadline.poll_timeout();
    if (looks && (timeout < 0 || timeout > stop_look_interval)) timeout = stop_look_interval;
    bool any = false;
    const std::error_code ec = poll_once(entries, stop.handle(), timeout, any);
    if (ec) return ec;
    if (deadline.stop.stop_requested()) return std::make_error_code(std::errc::operation_canceled);
    if (any) return {};
    if (deadline.passed()) return std::make_error_code(std::errc::timed_out);
  }
}

std::error_code wait_for(Handle handle, Ready wanted, const Deadline& deadline) noexcept {
  WaitEntry entry{handle, wanted, Ready::none};
  return wait_for_any({&entry, 1}, deadline);
}

}  // namespace cpwebsockets::transport
