/// TCP's other end, for servers and tests.
#pragma once

#include <memory>
#include <system_error>

#include "cpwebsockets/transport/tcp.hpp"

namespace cpwebsockets::transport {

/// A listening socket. Child processes do not inherit it. Not thread-safe.
class TcpListener {
 public:
  /// Listens on `address`; with port 0 on a free one. Null and `ec` if that cannot be.
  static std::unique_ptr<TcpListener> open(const Address& address, std::error_code& ec);
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  ~TcpListener();

  /// The next connection, without waiting: null if none is there. handle() is ready to be read if one is.
  [[nodiscard]] std::unique_ptr<TcpStream> accept();
  /// With the port that was free.
  [[nodiscard]] const Address& address() const noexcept { return address_; }
  /// To wait for the next connection.
  [[nodiscard]] Handle handle() const noexcept { return socket_; }

 private:
  TcpListener() = default;
  Handle socket_ = no_handle;
  Address address_;
};

}  // namespace cpwebsockets::transport
