#include "cpwebsockets/transport/tcp.hpp"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <algorithm>
#include <limits>

#include "error.hpp"

namespace cpwebsockets::transport {
namespace {

int at_most(std::size_t size) noexcept {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

IoResult failed(IoStatus would_block) noexcept {
  if (::WSAGetLastError() == WSAEWOULDBLOCK) return {would_block, 0, {}};
  return {IoStatus::error, 0, last_winsock_error()};
}

}  // namespace

// The socket never blocks: no flag of a single call would say so.
TcpStream::TcpStream(Handle socket) noexcept : socket_(socket) {
  u_long on = 1;
  ::ioctlsocket(socket_, static_cast<long>(FIONBIO), &on);
  const BOOL no_delay = TRUE;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&no_delay), sizeof no_delay);
}

TcpStream::~TcpStream() {
  ::closesocket(socket_);
}

IoResult TcpStream::read(std::span<std::byte> into) noexcept {
  const int size = ::recv(socket_, reinterpret_cast<char*>(into.data()), at_most(into.size()), 0);
  if (size > 0) return {IoStatus::ok, static_cast<std::size_t>(size), {}};
  if (size == 0) return {IoStatus::eof, 0, {}};
  return failed(IoStatus::want_read);
}

IoResult TcpStream::write(std::span<const std::byte> bytes) noexcept {
  const int size = ::send(socket_, reinterpret_cast<const char*>(bytes.data()), at_most(bytes.size()), 0);
  if (size >= 0) return {IoStatus::ok, static_cast<std::size_t>(size), {}};
  return failed(IoStatus::want_write);
}

bool TcpStream::can_read_within() const noexcept {
  return false;
}

IoResult TcpStream::read_within(std::span<std::byte> into, std::chrono::microseconds, bool) noexcept {
  return read(into);
}

void TcpStream::shutdown_write() noexcept {
  ::shutdown(socket_, SD_SEND);
}
void TcpStream::abort() noexcept {
  ::shutdown(socket_, SD_BOTH);
}

}  // namespace cpwebsockets::transport
