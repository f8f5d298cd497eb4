#include "../wait_for_many.hpp"

#include <poll.h>

#include <cerrno>
#include <vector>

namespace cpws {

using cpwebsockets::transport::Ready;
using cpwebsockets::transport::WaitEntry;

bool wait_for_many(std::span<WaitEntry> entries, int milliseconds) {
  std::vector<pollfd> all;
  for (const WaitEntry& entry : entries) {
    const int events = ((entry.wanted & Ready::read) != Ready::none ? POLLIN : 0) |
                       ((entry.wanted & Ready::write) != Ready::none ? POLLOUT : 0);
    all.push_back({entry.handle, static_cast<short>(events), 0});
  }
  const int count = ::poll(all.data(), static_cast<nfds_t>(all.size()), milliseconds);
  for (std::size_t i = 0; i < all.size(); ++i)
    entries[i].ready = count > 0 && all[i].revents != 0 ? Ready::both : Ready::none;
  return count >= 0 || errno == EINTR;
}

}  // namespace cpws
