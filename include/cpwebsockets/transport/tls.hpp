/// TLS by OpenSSL 3 over any Stream.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cpwebsockets/options.hpp"
#include "cpwebsockets/transport/stream.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace cpwebsockets::transport {

/// What TLS can fail with beside a rejected certificate. Values below 1000 in tls_category() are OpenSSL's
/// X509_V_ERR_* codes: why the certificate was rejected.
enum class TlsError : int {
  unsupported = 1000,    ///< this build has no TLS
  setup_failed,          ///< OpenSSL could not be set up
  ca_unusable,           ///< the CA file or text cannot be read
  certificate_unusable,  ///< certificate or key cannot be read, or they do not belong together
  pin_unusable,          ///< a pin is not the base64 form of a SHA-256 hash
  pin_mismatch,          ///< the server's key is none of the pinned ones
  protocol,              ///< no common version or cipher, an alert, or something that is not TLS
  ended,                 ///< the stream ended inside the TLS handshake
};

[[nodiscard]] const std::error_category& tls_category() noexcept;
[[nodiscard]] std::error_code make_error_code(TlsError error) noexcept;

/// Certificates, keys and rules; one may serve many streams. Thread-safe once made.
class TlsContext {
 public:
  /// For clients. Reads the files that `options` names.
  static std::shared_ptr<TlsContext> client(const TlsOptions& options, std::error_code& ec);
  /// For servers: a certificate chain and its key, PEM files.
  static std::shared_ptr<TlsContext> server(const std::string& certificate_file, const std::string& key_file,
                                            std::error_code& ec);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  [[nodiscard]] ssl_ctx_st* native() const noexcept { return context_; }
  [[nodiscard]] bool verifies() const noexcept { return verifies_; }
  [[nodiscard]] const std::vector<std::string>& pins() const noexcept { return pins_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) noexcept : context_(context) {}
  ssl_ctx_st* context_;
  bool verifies_ = true;
  std::vector<std::string> pins_;  // raw SHA-256
};

/// TLS on top of another stream.
class TlsStream final : public Stream {
 public:
  /// Client: `host` is the name or address to verify and, if a name, to ask for.
  static std::unique_ptr<TlsStream> client(std::shared_ptr<TlsContext> context, std::unique_ptr<Stream> lower,
                                           const std::string& host, std::error_code& ec);
  static std::unique_ptr<TlsStream> server(std::shared_ptr<TlsContext> context, std::unique_ptr<Stream> lower,
                                           std::error_code& ec);
  ~TlsStream() override;

  /// Goes on with the TLS handshake: ok (size 0) when it is complete, want_read or want_write, or an error
  /// that says why.
  [[nodiscard]] IoResult handshake() noexcept;
  /// What OpenSSL adds to the last error, or empty.
  [[nodiscard]] const std::string& detail() const noexcept { return detail_; }

  [[nodiscard]] IoResult read(std::span<std::byte> into) noexcept override;
  [[nodiscard]] IoResult write(std::span<const std::byte> bytes) noexcept override;
  void shutdown_write() noexcept override;
  void abort() noexcept override { lower_->abort(); }
  [[nodiscard]] int descriptor() const noexcept override { return lower_->descriptor(); }

 private:
  TlsStream(std::shared_ptr<TlsContext> context, std::unique_ptr<Stream> lower) noexcept;
  static std::unique_ptr<TlsStream> make(std::shared_ptr<TlsContext> context, std::unique_ptr<Stream> lower);
  IoResult result_of(int status) noexcept;
  [[nodiscard]] std::error_code check_pins() noexcept;

  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<Stream> lower_;
  ssl_st* ssl_ = nullptr;
  std::error_code lower_error_;
  std::string detail_;
  bool is_client_ = true;

 public:
  // For the BIO that joins OpenSSL to the lower stream.
  [[nodiscard]] Stream& lower() noexcept { return *lower_; }
  void note_lower_error(std::error_code error) noexcept { lower_error_ = error; }
};

}  // namespace cpwebsockets::transport
