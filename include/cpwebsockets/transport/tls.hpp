/// TLS by OpenSSL 3 over any Stream.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cpwebsockets/transport/stream.hpp"
#include "cpwebsockets/transport/tls_context.hpp"

struct ssl_st;

namespace cpwebsockets::transport {

/// TLS on top of another stream.
class TlsStream final : public Stream {
 public:
  /// Client: `host` is the name or address to verify (RFC 9525). A name is asked for as well (SNI, RFC 6066
  /// §3), without a dot at its end. `peer`, host and port, says whose sessions can be resumed. On failure
  /// null, and `ec` has a code of tls_category().
  static std::unique_ptr<TlsStream> client(std::shared_ptr<TlsContext> context, std::unique_ptr<Stream> lower,
                                           const std::string& host, const std::string& peer,
                                           std::error_code& ec);
  /// Server: `context` is one of TlsContext::server(). On failure null, and `ec` has a code of
  /// tls_category().
  static std::unique_ptr<TlsStream> server(std::shared_ptr<TlsContext> context, std::unique_ptr<Stream> lower,
                                           std::error_code& ec);
  ~TlsStream() override;

  /// Continues the TLS handshake: ok (size 0) when it is complete, want_read or want_write when it waits, or
  /// an error that says why it failed.
  [[nodiscard]] IoResult handshake() noexcept;
  /// What OpenSSL adds to the last error, or empty.
  [[nodiscard]] std::string_view detail() const noexcept { return detail_; }

  [[nodiscard]] IoResult read(std::span<std::byte> into) noexcept override;
  [[nodiscard]] IoResult write(std::span<const std::byte> bytes) noexcept override;
  void shutdown_write() noexcept override;
  void abort() noexcept override { lower_->abort(); }
  [[nodiscard]] Handle handle() const noexcept override { return lower_->handle(); }

 private:
  TlsStream(std::shared_ptr<TlsContext> context, std::unique_ptr<Stream> lower) noexcept;
  static std::unique_ptr<TlsStream> make(std::shared_ptr<TlsContext> context, std::unique_ptr<Stream> lower);
  IoResult result_of(int status) noexcept;
  [[nodiscard]] std::error_code check_pins() noexcept;
  [[nodiscard]] std::error_code failure() noexcept;

  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<Stream> lower_;
  ssl_st* ssl_ = nullptr;
  std::error_code lower_error_;
  std::string_view detail_;
  std::string peer_;
  bool is_client_ = true;

 public:
  /// For the BIO that joins OpenSSL to the lower stream.
  [[nodiscard]] Stream& lower() noexcept { return *lower_; }
  /// For the context, which keeps the sessions that the peer gives out.
  [[nodiscard]] const std::string& peer() const noexcept { return peer_; }
  /// For the BIO: why the lower stream failed.
  void note_lower_error(std::error_code error) noexcept { lower_error_ = error; }
};

}  // namespace cpwebsockets::transport
