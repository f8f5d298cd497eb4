#include "../socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace cpwebsockets::transport {

std::error_code start_sockets() noexcept {
  return {};
}

Handle open_socket(int family, std::error_code& ec) noexcept {
#ifdef SOCK_CLOEXEC
  const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#else
  const int socket = ::socket(family, SOCK_STREAM, 0);
  if (socket >= 0) {
    ::fcntl(socket, F_SETFD, FD_CLOEXEC);
    ::fcntl(socket, F_SETFL, O_NONBLOCK);
  }
#endif
  if (socket < 0) ec = {errno, std::system_category()};
  return socket;
}

void close_socket(Handle socket) noexcept {
  ::close(socket);
}

std::error_code start_connect(Handle socket, const Address& address) noexcept {
  const auto* const name = reinterpret_cast<const sockaddr*>(address.storage.data());
  if (::connect(socket, name, static_cast<socklen_t>(address.size)) == 0) return {};
  if (errno == EINPROGRESS || errno == EINTR) return {};
  return {errno, std::system_category()};
}

std::error_code pending_error(Handle socket) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return {};
  return {error, std::system_category()};
}

}  // namespace cpwebsockets::transport
