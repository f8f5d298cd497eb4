/// TLS for devices: a Pipe over another, by mbedTLS 2.28, 3.6 or 4.
#pragma once

#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#if MBEDTLS_VERSION_MAJOR < 4
#include <mbedtls/ctr_drbg.h>
#endif

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpwebsockets/device/pipe.hpp"
#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets::mbedtls {

/// What a TLS client needs. All that is pointed to must outlive the TlsConfig.
struct TlsOptions {
  /// The CAs that may sign the server's certificate: one in DER, or any number in PEM with a NUL at its end
  /// (which needs MBEDTLS_PEM_PARSE_C). DER stays where it is, and costs no RAM.
  std::span<const std::byte> ca;
  /// The device's true source of randomness. It seeds mbedTLS's generator from time to time. mbedTLS 4 does
  /// not use it, and it may be empty there: all randomness is PSA's, whose source is chosen when mbedTLS is
  /// built (MBEDTLS_PSA_DRIVER_GET_ENTROPY and mbedtls_platform_get_entropy(), or
  /// MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG). With 2.28 and 3.6, PSA's part (TLS 1.3, or all of it with
  /// MBEDTLS_USE_PSA_CRYPTO) takes its randomness from there, too.
  protocol::Random entropy;
  /// Asks the server to send records of at most 512, 1024, 2048 or 4096 bytes (max_fragment_length, RFC 6066
  /// §4); 0: does not ask. mbedTLS refuses more than its own buffers hold, and asks in TLS 1.2 only. A server
  /// that does not know this extension sends records of up to 16 KiB. Smaller buffers then fail with
  /// MBEDTLS_ERR_SSL_INVALID_RECORD.
  std::uint16_t max_record_size = 0;
};

/// mbedTLS's configuration of a client that verifies its server, for any number of pipes. For more (client
/// certificates, cipher suites), give a TlsPipe a configuration of your own.
class TlsConfig {
 public:
  TlsConfig() noexcept;
  ~TlsConfig();
  TlsConfig(const TlsConfig&) = delete;
  TlsConfig& operator=(const TlsConfig&) = delete;

  /// Call it before the first connection. Returns 0, or an error code of mbedTLS or PSA (−129 to −248): it
  /// may then be called again. Starts PSA if mbedTLS uses it. Allocates for CAs in PEM, and for PSA.
  [[nodiscard]] int set_up(const TlsOptions& options) noexcept;

  /// mbedTLS's object, for settings that have no option here.
  [[nodiscard]] mbedtls_ssl_config& get() noexcept { return config_; }

 private:
  void init() noexcept;
  void free() noexcept;
  int start_random(const protocol::Random& entropy) noexcept;

  mbedtls_ssl_config config_;
  mbedtls_x509_crt ca_;
#if MBEDTLS_VERSION_MAJOR < 4
  static int seed(void* self, unsigned char* out, std::size_t size) noexcept;

  protocol::Random entropy_;
  mbedtls_ctr_drbg_context generator_;
#endif
};

/// TLS over `under`, which is opened and closed with it. The server's certificate must be signed by a CA of
/// the configuration, name the host that open() is given, and be valid now if mbedTLS was built to know the
/// time (MBEDTLS_HAVE_TIME_DATE).
///
/// poll() takes one step of the TLS handshake at a time. The longest steps are those with public keys, some
/// hundred ms on a Cortex-M0+. mbedTLS allocates its memory when the handshake begins, and close() frees it.
class TlsPipe final : public device::Pipe {
 public:
  /// Both must outlive the pipe; `config` is set up before open().
  TlsPipe(device::Pipe& under, const mbedtls_ssl_config& config) noexcept;
  /// The same for a TlsConfig.
  TlsPipe(device::Pipe& under, TlsConfig& config) noexcept : TlsPipe(under, config.get()) {}
  ~TlsPipe();

  TlsPipe(const TlsPipe&) = delete;
  TlsPipe& operator=(const TlsPipe&) = delete;

  void open(const device::Destination& to) noexcept override;
  [[nodiscard]] device::PipeState poll() noexcept override;
  [[nodiscard]] std::size_t read(std::span<std::byte> into) noexcept override;
  [[nodiscard]] std::size_t write(std::span<const std::byte> bytes) noexcept override;
  void close() noexcept override;
  [[nodiscard]] bool is_secure() const noexcept override { return true; }

  /// mbedTLS's context, for what is not here: the version, the cipher suite, the peer's certificate.
  [[nodiscard]] const mbedtls_ssl_context& context() const noexcept { return context_; }

 private:
  enum class State : std::uint8_t { closed, opening_under, handshaking, open, ended, failed };

  void start_handshake() noexcept;
  void free_context() noexcept;
  device::PipeState handshake() noexcept;
  void fail(device::PipeError error, int native) noexcept;
  void note(int result) noexcept;

  device::Pipe& under_;
  const mbedtls_ssl_config& config_;
  mbedtls_ssl_context context_;
  device::Destination to_;
  std::size_t write_begun_ =
      0;  // bytes of a record that waits to go out: mbedTLS must be given the same again
  State state_ = State::closed;
};

}  // namespace cpwebsockets::mbedtls
