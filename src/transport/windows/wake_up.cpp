#include "../wake_up.hpp"

#include <winsock2.h>

#include "../socket.hpp"

namespace cpwebsockets::transport {
namespace {

// A UDP socket that is connected to itself, so that nobody else can send to it: select() takes sockets only.
SOCKET open_loop() noexcept {
  if (start_sockets()) return INVALID_SOCKET;
  const SOCKET loop = ::WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, nullptr, 0,
                                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (loop == INVALID_SOCKET) return INVALID_SOCKET;
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  auto* const name = reinterpret_cast<sockaddr*>(&own);
  int size = sizeof own;
  if (::bind(loop, name, size) == 0 && ::getsockname(loop, name, &size) == 0 &&
      ::connect(loop, name, size) == 0) {
    return loop;
  }
  ::closesocket(loop);
  return INVALID_SOCKET;
}

}  // namespace

WakeUp::WakeUp(bool wanted) noexcept : reads_(wanted ? open_loop() : no_handle), writes_(reads_) {}

WakeUp::~WakeUp() {
  if (reads_ != no_handle) ::closesocket(reads_);
}

void WakeUp::signal() const noexcept {
  const char one = 1;
  ::send(writes_, &one, 1, 0);
}

}  // namespace cpwebsockets::transport
