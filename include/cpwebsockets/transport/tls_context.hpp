/// What many TLS connections share, by OpenSSL 3: certificates, keys, settings, and sessions to resume.
#pragma once

#include <memory>
#include <string>
#include <system_error>

#include "cpwebsockets/transport/tls_error.hpp"
#include "cpwebsockets/transport/tls_options.hpp"

struct ssl_ctx_st;

namespace cpwebsockets::transport {

/// One serves any number of connections at a time. Making it takes as long as several handshakes, as it reads
/// the system's CAs. Thread-safe once it is made.
class TlsContext {
 public:
  /// For clients. Reads the files that `options` names. On failure null, and `about`, if given, says which
  /// file or pin.
  static std::shared_ptr<TlsContext> client(const TlsOptions& options, std::error_code& ec,
                                            std::string* about = nullptr);
  /// The context that all connections with the same options share. A new one is made when one of the files
  /// has changed, and after an hour. A process keeps at most 8 of them. Thread-safe.
  static std::shared_ptr<TlsContext> shared_client(const TlsOptions& options, std::error_code& ec,
                                                   std::string* about = nullptr);
  /// For servers: a certificate chain and its key, PEM files.
  static std::shared_ptr<TlsContext> server(const std::string& certificate_file, const std::string& key_file,
                                            std::error_code& ec);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// OpenSSL's object (`SSL_CTX*`), for settings that have no option here. Change it before the first
  /// connection uses it.
  [[nodiscard]] ssl_ctx_st* native() const noexcept;

  struct State;  // the implementation's
  /// The implementation's.
  [[nodiscard]] State& state() const noexcept { return *state_; }

 private:
  TlsContext();
  std::unique_ptr<State> state_;
};

}  // namespace cpwebsockets::transport
