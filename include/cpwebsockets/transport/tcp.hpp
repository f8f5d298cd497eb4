/// TCP: names to addresses, addresses to a connection, a connection as a Stream.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cpwebsockets/transport/resolve_category.hpp"
#include "cpwebsockets/transport/stream.hpp"
#include "cpwebsockets/transport/wait.hpp"

namespace cpwebsockets::transport {

/// A socket address: `storage` holds the system's `sockaddr` of `size` bytes.
struct Address {
  /// The `sockaddr`.
  alignas(8) std::array<std::byte, 128> storage{};
  /// Bytes of `storage` that are used.
  std::uint32_t size = 0;

  /// AF_INET, AF_INET6.
  [[nodiscard]] int family() const noexcept;
  /// The TCP port.
  [[nodiscard]] std::uint16_t port() const noexcept;
};

/// The address and the port as in a URL: "127.0.0.1:80", "[::1]:443".
[[nodiscard]] std::string to_string(const Address& address);

/// The addresses of a host name or a numeric address. A zone of an IPv6 address follows "%25" (RFC 6874).
/// Otherwise none, and `ec` has a code of resolve_category(), the system's error, std::errc::timed_out or
/// std::errc::operation_canceled. Thread-safe.
///
/// getaddrinfo(3) has no timeout: for names it runs in a thread of its own, which is left to end by itself
/// when the deadline comes first. A process has at most 32 such threads: further look-ups wait.
[[nodiscard]] std::vector<Address> resolve(const std::string& host, std::uint16_t port,
                                           const Deadline& deadline, std::error_code& ec);

/// Stream over a connected socket, which it owns. TCP_NODELAY is set.
class TcpStream final : public Stream {
 public:
  /// Takes the socket over.
  explicit TcpStream(Handle socket) noexcept;
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;
  ~TcpStream() override;

  [[nodiscard]] IoResult read(std::span<std::byte> into) noexcept override;
  [[nodiscard]] IoResult write(std::span<const std::byte> bytes) noexcept override;
  [[nodiscard]] bool can_read_within() const noexcept override;
  [[nodiscard]] IoResult read_within(std::span<std::byte> into, std::chrono::microseconds limit,
                                     bool fill) noexcept override;
  void shutdown_write() noexcept override;
  void abort() noexcept override;
  [[nodiscard]] Handle handle() const noexcept override { return socket_; }

 private:
  bool set_kernel_timeout(std::chrono::microseconds limit) noexcept;
  Handle socket_;
  std::chrono::microseconds kernel_timeout_{0};  // SO_RCVTIMEO as it is set now
};

/// Connects to the first of `addresses` that answers (RFC 8305 §5). A new attempt starts every 250 ms, or
/// when one fails; the earlier ones continue. At most 8 run at a time: the oldest is given up for the next
/// address. If none answers, returns null and the last attempt's error. Thread-safe.
[[nodiscard]] std::unique_ptr<TcpStream> connect_tcp(std::span<const Address> addresses,
                                                     const Deadline& deadline, std::error_code& ec);

}  // namespace cpwebsockets::transport
