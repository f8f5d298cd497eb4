// Why TLS failed, in words: also in builds without TLS.
#include "cpwebsockets/transport/tls.hpp"

#if CPWEBSOCKETS_TLS
#include <openssl/x509_vfy.h>
#endif

namespace cpwebsockets::transport {
namespace {

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
    }
#if CPWEBSOCKETS_TLS
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
