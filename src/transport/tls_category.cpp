// Why TLS failed, in words: also in builds without TLS.
#include "cpwebsockets/transport/tls_error.hpp"

#include <string>

#if CPWEBSOCKETS_TLS
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#endif

namespace cpwebsockets::transport {
namespace {

#if CPWEBSOCKETS_TLS
// OpenSSL 3.0 has no words for the newer ones (RFC 8446 §6, RFC 7301 §3.2).
const char* alert_name(int description) noexcept {
  switch (description) {
    case SSL_AD_MISSING_EXTENSION:
      return "missing extension";
    case SSL_AD_CERTIFICATE_REQUIRED:
      return "certificate required";
    case SSL_AD_NO_APPLICATION_PROTOCOL:
      return "no application protocol";
    default:
      return SSL_alert_desc_string_long(description);
  }
}
#endif

class TlsCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "TLS"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<TlsError>(value)) {
      case TlsError::unsupported:
        return "this build of cpwebsockets has no TLS";
      case TlsError::setup_failed:
        return "OpenSSL could not be set up";
      case TlsError::ca_unusable:
        return "the CA certificates cannot be read";
      case TlsError::certificate_unusable:
        return "the certificate or its key cannot be used";
      case TlsError::pin_unusable:
        return "a pin is not the base64 form of a SHA-256 hash";
      case TlsError::pin_mismatch:
        return "the server's key is not one of the pinned keys";
      case TlsError::protocol:
        return "the TLS handshake failed";
      case TlsError::ended:
        return "the server ended the connection during the TLS handshake";
      case TlsError::name_unusable:
        return "the server name to verify is empty, longer than 255 bytes, or holds a zero byte";
      case TlsError::alpn_unusable:
        return "a protocol for ALPN is empty or longer than 255 bytes";
      case TlsError::key_log_unusable:
        return "the key log file cannot be opened";
      case TlsError::broken_record:
        return "a TLS record came damaged";
    }
#if CPWEBSOCKETS_TLS
    if (value >= first_tls_alert)
      return std::string("the server sent the alert '") + alert_name(value - first_tls_alert) + "'";
    if (value == X509_V_ERR_HOSTNAME_MISMATCH) return "host name mismatch";
    if (value == X509_V_ERR_IP_ADDRESS_MISMATCH) return "IP address mismatch";
    return X509_verify_cert_error_string(value);
#else
    return "unknown error";
#endif
  }
};

}  // namespace

const std::error_category& tls_category() noexcept {
  static const TlsCategory category;
  return category;
}

std::error_code make_error_code(TlsError error) noexcept {
  return {static_cast<int>(error), tls_category()};
}

}  // namespace cpwebsockets::transport
