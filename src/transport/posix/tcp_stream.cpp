#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cpwebsockets/transport/tcp.hpp"

namespace cpwebsockets::transport {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;  // SO_NOSIGPIPE is set
#endif

IoResult failed(int error, IoStatus would_block) noexcept {
  if (error == EAGAIN || error == EWOULDBLOCK) return {would_block, 0, {}};
  return {IoStatus::error, 0, {error, std::system_category()}};
}

template <typename Call>
ssize_t repeat_if_interrupted(Call call) noexcept {
  ssize_t result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

void set_blocking(int socket) noexcept {
  int off = 0;
  ::ioctl(socket, FIONBIO, &off);
}

}  // namespace

// The socket itself blocks, so that read_within() can wait inside recv(2); all else passes MSG_DONTWAIT.
TcpStream::TcpStream(Handle socket) noexcept : socket_(socket) {
  set_blocking(socket);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef SO_NOSIGPIPE
  ::setsockopt(socket_, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

TcpStream::~TcpStream() {
  ::close(socket_);
}

IoResult TcpStream::read(std::span<std::byte> into) noexcept {
  const ssize_t size =
      repeat_if_interrupted([&] { return ::recv(socket_, into.data(), into.size(), MSG_DONTWAIT); });
  if (size > 0) return {IoStatus::ok, static_cast<std::size_t>(size), {}};
  if (size == 0) return {IoStatus::eof, 0, {}};
  return failed(errno, IoStatus::want_read);
}

IoResult TcpStream::write(std::span<const std::byte> bytes) noexcept {
  const ssize_t size = repeat_if_interrupted(
      [&] { return ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | no_signal); });
  if (size >= 0) return {IoStatus::ok, static_cast<std::size_t>(size), {}};
  return failed(errno, IoStatus::want_write);
}

bool TcpStream::can_read_within() const noexcept {
  return true;
}

// SO_RCVTIMEO, at half of the limit; it stays while limits are near: a steady flow of calls sets it once.
[[gnu::noinline]] bool TcpStream::set_kernel_timeout(std::chrono::microseconds limit) noexcept {
  using namespace std::chrono_literals;
  const std::chrono::microseconds wanted = std::min<std::chrono::microseconds>(limit / 2, 6h);
  if (wanted < 1ms) return false;
  timeval value{};
  value.tv_sec = static_cast<time_t>(wanted / 1s);
  value.tv_usec = static_cast<suseconds_t>(wanted % 1s / 1us);
  if (::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0) return false;
  kernel_timeout_ = wanted;
  return true;
}

IoResult TcpStream::read_within(std::span<std::byte> into, std::chrono::microseconds limit,
                                bool fill) noexcept {
  const bool fits = limit >= kernel_timeout_ && limit <= kernel_timeout_ * 8 && kernel_timeout_.count() > 0;
  if (!fits && !set_kernel_timeout(limit)) return read(into);
  const ssize_t size = ::recv(socket_, into.data(), into.size(), fill ? MSG_WAITALL : 0);
  if (size > 0) return {IoStatus::ok, static_cast<std::size_t>(size), {}};
  if (size == 0) return {IoStatus::eof, 0, {}};
  return failed(errno == EINTR ? EAGAIN : errno, IoStatus::want_read);
}

void TcpStream::shutdown_write() noexcept {
  ::shutdown(socket_, SHUT_WR);
}
void TcpStream::abort() noexcept {
  ::shutdown(socket_, SHUT_RDWR);
}

}  // namespace cpwebsockets::transport
