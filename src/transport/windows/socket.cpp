#include "../socket.hpp"

#include <winsock2.h>

#include "error.hpp"

namespace cpwebsockets::transport {

static_assert(sizeof(Handle) == sizeof(SOCKET) && no_handle == INVALID_SOCKET);

// Never given back: a thread may still use a socket while the process ends, which gives back all.
std::error_code start_sockets() noexcept {
  static const int status = [] {
    WSADATA data;
    return ::WSAStartup(MAKEWORD(2, 2), &data);
  }();
  return status == 0 ? std::error_code() : std::error_code(status, winsock_category());
}

Handle open_socket(int family, std::error_code& ec) noexcept {
  if (ec = start_sockets(); ec) return no_handle;
  const SOCKET socket = ::WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, nullptr, 0,
                                     WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  u_long on = 1;
  if (socket == INVALID_SOCKET) {
    ec = last_winsock_error();
  } else if (::ioctlsocket(socket, static_cast<long>(FIONBIO), &on) != 0) {
    ec = last_winsock_error();
    ::closesocket(socket);
    return no_handle;
  }
  return socket;
}

void close_socket(Handle socket) noexcept {
  ::closesocket(socket);
}

std::error_code start_connect(Handle socket, const Address& address) noexcept {
  const auto* const name = reinterpret_cast<const sockaddr*>(address.storage.data());
  if (::connect(socket, name, static_cast<int>(address.size)) == 0) return {};
  if (::WSAGetLastError() == WSAEWOULDBLOCK) return {};
  return last_winsock_error();
}

std::error_code pending_error(Handle socket) noexcept {
  int error = 0;
  int size = sizeof error;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size) != 0) {
    return last_winsock_error();
  }
  return error == 0 ? std::error_code() : std::error_code(error, winsock_category());
}

// SO_REUSEADDR would let another program take the port that we have.
std::error_code start_listening(Handle socket, Address& address) noexcept {
  const BOOL on = TRUE;
  auto* const name = reinterpret_cast<sockaddr*>(address.storage.data());
  int size = static_cast<int>(address.size);
  if (::setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&on), sizeof on) !=
          0 ||
      ::bind(socket, name, size) != 0 || ::listen(socket, SOMAXCONN) != 0 ||
      ::getsockname(socket, name, &size) != 0) {
    return last_winsock_error();
  }
  return {};
}

Handle accept_socket(Handle listener) noexcept {
  const SOCKET socket = ::accept(listener, nullptr, nullptr);
  if (socket != INVALID_SOCKET)
    ::SetHandleInformation(reinterpret_cast<HANDLE>(socket), HANDLE_FLAG_INHERIT, 0);
  return socket;
}

}  // namespace cpwebsockets::transport
