#include "../poll.hpp"

#include <winsock2.h>

#include <cstdint>

#include "error.hpp"

namespace cpwebsockets::transport {
namespace {

static_assert(most_wait_entries < FD_SETSIZE);

bool has(Ready wanted, Ready one) noexcept {
  return (wanted & one) != Ready::none;
}

void add(fd_set& set, SOCKET socket) noexcept {
  set.fd_array[set.fd_count++] = socket;
}

bool contains(const fd_set& set, SOCKET socket) noexcept {
  for (u_int i = 0; i < set.fd_count; ++i) {
    if (set.fd_array[i] == socket) return true;
  }
  return false;
}

}  // namespace

// By select(), whose set is a list of handles here: WSAPoll() does not tell a failed attempt to connect
// before Windows 10 2004.
std::error_code poll_once(std::span<WaitEntry> entries, Handle wake, int milliseconds, bool& any) noexcept {
  fd_set readable{};
  fd_set writable{};
  fd_set failed{};
  for (WaitEntry& entry : entries) {
    entry.ready = Ready::none;
    if (entry.handle == no_handle) continue;
    if (has(entry.wanted, Ready::read)) add(readable, entry.handle);
    if (has(entry.wanted, Ready::write)) add(writable, entry.handle);
    add(failed, entry.handle);
  }
  if (wake != no_handle) add(readable, wake);
  any = false;
  if (readable.fd_count + failed.fd_count == 0) {  // select() refuses to wait for nothing
    ::Sleep(milliseconds < 0 ? INFINITE : static_cast<DWORD>(milliseconds));
    return {};
  }
  timeval limit{static_cast<long>(milliseconds / 1000), static_cast<long>(milliseconds % 1000 * 1000)};
  const int count = ::select(0, &readable, &writable, &failed, milliseconds < 0 ? nullptr : &limit);
  if (count < 0) return last_winsock_error();
  any = count > 0;
  for (WaitEntry& entry : entries) {
    if (contains(failed, entry.handle)) {
      entry.ready = entry.wanted;
      continue;
    }
    entry.ready = (contains(readable, entry.handle) ? Ready::read : Ready::none) |
                  (contains(writable, entry.handle) ? Ready::write : Ready::none);
  }
  return {};
}

}  // namespace cpwebsockets::transport
