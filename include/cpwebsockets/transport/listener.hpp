/// Listening for TCP connections, for servers and tests.
#pragma once

#include <memory>
#include <system_error>

#include "cpwebsockets/transport/tcp.hpp"

namespace cpwebsockets::transport {

/// A listening socket. Child processes do not inherit it. Not thread-safe.
class TcpListener {
 public:
  /// Listens on `address`; port 0 takes a free port. On failure null, and `ec` has the system's error.
  static std::unique_ptr<TcpListener> open(const Address& address, std::error_code& ec);
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  ~TcpListener();

  /// The next connection, or null if there is none yet: it does not wait. handle() is readable when there is
  /// one.
  [[nodiscard]] std::unique_ptr<TcpStream> accept();
  /// The address, with the port that was taken.
  [[nodiscard]] const Address& address() const noexcept { return address_; }
  /// The socket, to wait for the next connection.
  [[nodiscard]] Handle handle() const noexcept { return socket_; }

 private:
  TcpListener() = default;
  Handle socket_ = no_handle;
  Address address_;
};

}  // namespace cpwebsockets::transport
