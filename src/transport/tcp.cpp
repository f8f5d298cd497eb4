#include "cpwebsockets/transport/tcp.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cpwebsockets::transport {
namespace {

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

void set_blocking(int descriptor) noexcept {
  const int flags = ::fcntl(descriptor, F_GETFL);
  ::fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
}

}  // namespace

// The socket itself blocks, so that read_within() can wait inside recv(2); all else passes MSG_DONTWAIT.
TcpStream::TcpStream(int descriptor) noexcept : descriptor_(descriptor) {
  set_blocking(descriptor);
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

TcpStream::~TcpStream() {
  ::close(descriptor_);
}

IoResult TcpStream::read(std::span<std::byte> into) noexcept {
  const ssize_t size =
      repeat_if_interrupted([&] { return ::recv(descriptor_, into.data(), into.size(), MSG_DONTWAIT); });
  if (size > 0) return {IoStatus::ok, static_cast<std::size_t>(size), {}};
  if (size == 0) return {IoStatus::eof, 0, {}};
  return failed(errno, IoStatus::want_read);
}

IoResult TcpStream::write(std::span<const std::byte> bytes) noexcept {
  const ssize_t size = repeat_if_interrupted(
      [&] { return ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL); });
  if (size >= 0) return {IoStatus::ok, static_cast<std::size_t>(size), {}};
  return failed(errno, IoStatus::want_write);
}

// SO_RCVTIMEO, at half of the limit; it stays while limits are near: a steady flow of calls sets it once.
bool TcpStream::set_kernel_timeout(std::chrono::microseconds limit) noexcept {
  using namespace std::chrono_literals;
  const std::chrono::microseconds wanted = std::min<std::chrono::microseconds>(limit / 2, 6h);
  if (wanted < 1ms) return false;
  timeval value{};
  value.tv_sec = static_cast<time_t>(wanted / 1s);
  value.tv_usec = static_cast<suseconds_t>(wanted % 1s / 1us);
  if (::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0) return false;
  kernel_timeout_ = wanted;
  return true;
}

IoResult TcpStream::read_within(std::span<std::byte> into, std::chrono::microseconds limit,
                                bool fill) noexcept {
  const bool fits = limit >= kernel_timeout_ && limit <= kernel_timeout_ * 8 && kernel_timeout_.count() > 0;
  if (!fits && !set_kernel_timeout(limit)) return read(into);
  const ssize_t size = ::recv(descriptor_, into.data(), into.size(), fill ? MSG_WAITALL : 0);
  if (size > 0) return {IoStatus::ok, static_cast<std::size_t>(size), {}};
  if (size == 0) return {IoStatus::eof, 0, {}};
  if (errno == EINTR) return {IoStatus::want_read, 0, {}};
  return failed(errno, IoStatus::want_read);
}

void TcpStream::shutdown_write() noexcept {
  ::shutdown(descriptor_, SHUT_WR);
}
void TcpStream::abort() noexcept {
  ::shutdown(descriptor_, SHUT_RDWR);
}

// --- Connecting ---

namespace {

constexpr std::chrono::milliseconds attempt_delay{250};  // RFC 8305 §5
constexpr std::size_t max_attempts = 8;                  // side by side

// Attempts that run; whatever is left is closed at the end.
class Attempts {
 public:
  Attempts() = default;
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;
  ~Attempts() {
    for (const pollfd& entry : entries_) ::close(entry.fd);
  }

  [[nodiscard]] std::span<pollfd> entries() noexcept { return entries_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] const std::error_code& last_error() const noexcept { return last_error_; }

  void start(const Address& address) {
    const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) {
      last_error_ = {errno, std::system_category()};
      return;
    }
    entries_.push_back({descriptor, POLLOUT, 0});
    const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::connect(descriptor, name, address.size) != 0 && errno != EINPROGRESS && errno != EINTR) {
      last_error_ = {errno, std::system_category()};
      drop(entries_.size() - 1);
    }
  }

  // Gives up the one that has waited longest, for the sake of the addresses behind it.
  void retire_oldest() noexcept {
    last_error_ = std::make_error_code(std::errc::timed_out);
    drop(0);
  }

  // The descriptor of an attempt that has connected, or -1. Drops those that failed.
  int take_connected() noexcept {
    for (std::size_t i = entries_.size(); i-- > 0;) {
      if (entries_[i].revents == 0) continue;
      int error = 0;
      socklen_t size = sizeof error;
      if (::getsockopt(entries_[i].fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
      if (error == 0) {
        const int descriptor = entries_[i].fd;
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
        return descriptor;
      }
      last_error_ = {error, std::system_category()};
      drop(i);
    }
    return -1;
  }

 private:
  void drop(std::size_t index) noexcept {
    ::close(entries_[index].fd);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  std::vector<pollfd> entries_;
  std::error_code last_error_;
};

}  // namespace

std::unique_ptr<TcpStream> connect_tcp(std::span<const Address> addresses, const Deadline& deadline,
                                       std::error_code& ec) {
  Attempts attempts;
  std::size_t next = 0;
  while (next < addresses.size() || attempts.size() > 0) {
    if (next < addresses.size()) {
      if (attempts.size() == max_attempts) attempts.retire_oldest();
      attempts.start(addresses[next++]);
    }
    if (attempts.size() == 0) continue;

    Deadline until = deadline;
    if (next < addresses.size()) until.at = std::min(until.at, Clock::now() + attempt_delay);
    ec = wait_for_any(attempts.entries(), until);
    if (ec == std::errc::timed_out && !deadline.passed()) continue;  // time for the next attempt
    if (ec) return nullptr;
    if (const int descriptor = attempts.take_connected(); descriptor >= 0) {
      return std::make_unique<TcpStream>(descriptor);
    }
  }
  ec = attempts.last_error() ? attempts.last_error() : std::make_error_code(std::errc::address_not_available);
  return nullptr;
}

}  // namespace cpwebsockets::transport
