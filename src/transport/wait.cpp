#include "cpwebsockets/transport/wait.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace cpwebsockets::transport {
namespace {

// An eventfd that becomes readable when stop is requested; only made for waits that can be stopped.
class StopEvent {
 public:
  explicit StopEvent(const std::stop_token& token) noexcept
      : descriptor_(token.stop_possible() ? ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1) {}
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;
  ~StopEvent() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  void signal() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
  }

 private:
  int descriptor_;
};

constexpr std::size_t max_entries = 16;

// How often a wait looks for a stop request where no descriptor could be had that would tell it.
constexpr int stop_look_interval = 20;  // ms

}  // namespace

int Deadline::poll_timeout() const noexcept {
  if (at == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(at - Clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
}

std::error_code wait_for_any(std::span<pollfd> entries, const Deadline& deadline) noexcept {
  if (deadline.stop.stop_requested()) return std::make_error_code(std::errc::operation_canceled);
  const StopEvent stop(deadline.stop);
  const std::stop_callback wake(deadline.stop, [&stop] { stop.signal(); });

  std::array<pollfd, max_entries + 1> all{};
  const std::size_t count = std::min(entries.size(), max_entries);
  std::copy_n(entries.begin(), count, all.begin());
  all[count] = {stop.descriptor(), POLLIN, 0};  // poll ignores a descriptor of -1
  const bool looks = stop.descriptor() < 0 && deadline.stop.stop_possible();
  for (;;) {
    int timeout = deadline.poll_timeout();
    if (looks && (timeout < 0 || timeout > stop_look_interval)) timeout = stop_look_interval;
    const int ready = ::poll(all.data(), static_cast<nfds_t>(count + 1), timeout);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return {errno, std::system_category()};
    std::copy_n(all.begin(), count, entries.begin());
    if (deadline.stop.stop_requested()) return std::make_error_code(std::errc::operation_canceled);
    if (ready > 0) return {};
    if (deadline.passed()) return std::make_error_code(std::errc::timed_out);
  }
}

std::error_code wait_for(int descriptor, short events, const Deadline& deadline) noexcept {
  pollfd entry{descriptor, events, 0};
  return wait_for_any({&entry, 1}, deadline);
}

}  // namespace cpwebsockets::transport
