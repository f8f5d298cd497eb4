#include "../wait_for_many.hpp"

#include <winsock2.h>

#include <vector>

namespace cpws {

using cpwebsockets::transport::no_handle;
using cpwebsockets::transport::Ready;
using cpwebsockets::transport::WaitEntry;

// WSAPoll() does not tell a failed attempt to connect before Windows 10 2004; there is none among these.
bool wait_for_many(std::span<WaitEntry> entries, int milliseconds) {
  std::vector<WSAPOLLFD> all;
  for (const WaitEntry& entry : entries) {
    if (entry.handle == no_handle) continue;
    const int events = ((entry.wanted & Ready::read) != Ready::none ? POLLRDNORM : 0) |
                       ((entry.wanted & Ready::write) != Ready::none ? POLLWRNORM : 0);
    all.push_back({entry.handle, static_cast<SHORT>(events), 0});
  }
  const int count = ::WSAPoll(all.data(), static_cast<ULONG>(all.size()), milliseconds);
  auto polled = all.begin();
  for (WaitEntry& entry : entries) {
    entry.ready = Ready::none;
    if (entry.handle == no_handle) continue;
    if (count > 0 && polled->revents != 0) entry.ready = Ready::both;
    ++polled;
  }
  return count >= 0;
}

}  // namespace cpws
