#include "../poll.hpp"

#include <poll.h>

#include <array>
#include <cerrno>

namespace cpwebsockets::transport {
namespace {

constexpr short events_of(Ready wanted) noexcept {
  return static_cast<short>(((wanted & Ready::read) != Ready::none ? POLLIN : 0) |
                            ((wanted & Ready::write) != Ready::none ? POLLOUT : 0));
}

constexpr Ready ready_of(int events, Ready wanted) noexcept {
  if ((events & ~(POLLIN | POLLOUT)) != 0) return wanted;  // an error, or the end
  return ((events & POLLIN) != 0 ? Ready::read : Ready::none) |
         ((events & POLLOUT) != 0 ? Ready::write : Ready::none);
}

}  // namespace

std::error_code poll_once(std::span<WaitEntry> entries, Handle wake, int milliseconds, bool& any) noexcept {
  std::array<pollfd, most_wait_entries + 1> all;
  nfds_t count = 0;
  for (const WaitEntry& entry : entries) all[count++] = {entry.handle, events_of(entry.wanted), 0};
  if (wake != no_handle) all[count++] = {wake, POLLIN, 0};
  const int ready = ::poll(all.data(), count, milliseconds);
  if (ready < 0 && errno != EINTR) return {errno, std::system_category()};
  any = ready > 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].ready = any ? ready_of(all[i].revents, entries[i].wanted) : Ready::none;
  }
  return {};
}

}  // namespace cpwebsockets::transport
