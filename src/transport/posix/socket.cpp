#include "../socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace cpwebsockets::transport {
namespace {

std::error_code last_error() noexcept {
  return {errno, std::system_category()};
}

[[maybe_unused]] void set_flags(int socket, int status) noexcept {
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  ::fcntl(socket, F_SETFL, status);
}

}  // namespace

std::error_code start_sockets() noexcept {
  return {};
}

Handle open_socket(int family, std::error_code& ec) noexcept {
#ifdef SOCK_CLOEXEC
  const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#else
  const int socket = ::socket(family, SOCK_STREAM, 0);
  if (socket >= 0) set_flags(socket, O_NONBLOCK);
#endif
  if (socket < 0) ec = last_error();
  return socket;
}

void close_socket(Handle socket) noexcept {
  ::close(socket);
}

std::error_code start_connect(Handle socket, const Address& address) noexcept {
  const auto* const name = reinterpret_cast<const sockaddr*>(address.storage.data());
  if (::connect(socket, name, static_cast<socklen_t>(address.size)) == 0) return {};
  if (errno == EINPROGRESS || errno == EINTR) return {};
  return last_error();
}

std::error_code pending_error(Handle socket) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return {};
  return {error, std::system_category()};
}

// SO_REUSEADDR lets a server start again while its connections of before are still remembered.
std::error_code start_listening(Handle socket, Address& address) noexcept {
  const int on = 1;
  auto* const name = reinterpret_cast<sockaddr*>(address.storage.data());
  auto size = static_cast<socklen_t>(address.size);
  if (::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket, name, size) != 0 || ::listen(socket, SOMAXCONN) != 0 ||
      ::getsockname(socket, name, &size) != 0) {
    return last_error();
  }
  return {};
}

Handle accept_socket(Handle listener) noexcept {
#ifdef SOCK_CLOEXEC
  return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
#else
  const int socket = ::accept(listener, nullptr, nullptr);
  if (socket >= 0) set_flags(socket, 0);
  return socket;
#endif
}

}  // namespace cpwebsockets::transport
