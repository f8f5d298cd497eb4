/// wss:// on lwIP and mbedTLS: all in one object. Needs ports/mbedtls as well.
#pragma once

#include <cstddef>

#include "cpwebsockets/device/client.hpp"
#include "cpwebsockets/lwip/tcp_pipe.hpp"
#include "cpwebsockets/mbedtls/tls_pipe.hpp"

namespace cpwebsockets::lwip {

namespace detail {

// A base class, and the first: the client is given the pipes, which must exist before it.
struct SecurePipe {
  SecurePipe(mbedtls::TlsConfig& tls, Lock lock) noexcept : tcp_(lock), tls_(tcp_, tls) {}
  TcpPipe tcp_;
  mbedtls::TlsPipe tls_;
};

}  // namespace detail

/// A device::Client with its TCP connection, TLS over it, and its buffers. It may be destroyed at any time.
///
///     static mbedtls::TlsConfig tls;
///     static lwip::SecureClient<> ws({.random = {&fill_random}}, tls);
///     const int error = tls.set_up({.ca = ca_der, .entropy = {&fill_random}});
///     if (error != 0) return report(error);
///     if (ws.connect("wss://example.com/feed", now()) != protocol::Error::none) return;
template <std::size_t ReceiveSize = 1024, std::size_t SendSize = 1024>
class SecureClient : private detail::SecurePipe, public device::BufferedClient<ReceiveSize, SendSize> {
 public:
  /// The buffers in `config` are ignored. `tls` must outlive the client, and be set up before connect().
  SecureClient(const protocol::Config& config, mbedtls::TlsConfig& tls, Lock lock = {}) noexcept
      : detail::SecurePipe(tls, lock), device::BufferedClient<ReceiveSize, SendSize>(tls_, config) {}

  /// The TCP connection.
  [[nodiscard]] const TcpPipe& tcp() const noexcept { return tcp_; }
  /// The TLS connection on it.
  [[nodiscard]] const mbedtls::TlsPipe& tls() const noexcept { return tls_; }
};

}  // namespace cpwebsockets::lwip
