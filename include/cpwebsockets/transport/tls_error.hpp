/// Why TLS failed.
#pragma once

#include <system_error>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::transport {

/// What TLS can fail with. In tls_category() values below 1000 are OpenSSL's X509_V_ERR_* codes: why the
/// certificate was rejected. From 2000 on they are alerts of the peer, 2000 + AlertDescription (RFC 8446 §6).
enum class TlsError : int {
  unsupported = 1000,    ///< this build has no TLS
  setup_failed,          ///< OpenSSL could not be set up
  ca_unusable,           ///< the CA file or text cannot be read, or a part of it cannot
  certificate_unusable,  ///< certificate or key cannot be read, or they do not belong together
  pin_unusable,          ///< a pin is not the base64 form of a SHA-256 hash
  pin_mismatch,          ///< the server's key is none of the pinned ones
  protocol,              ///< no common version or cipher, or something that is not TLS
  ended,                 ///< the stream ended inside the TLS handshake
  name_unusable,         ///< the name to verify is empty, longer than 255 bytes, or holds a zero byte
  alpn_unusable,         ///< a protocol to offer is empty or longer than 255 bytes
  key_log_unusable,      ///< the key log file cannot be opened
  broken_record,         ///< after the handshake: a record that is damaged or makes no sense
};

/// tls_category() values of the peer's alerts begin here.
inline constexpr int first_tls_alert = 2000;

/// The category of all causes of TLS.
[[nodiscard]] const std::error_category& tls_category() noexcept;
/// Lets `ec == TlsError::pin_mismatch` work.
[[nodiscard]] std::error_code make_error_code(TlsError error) noexcept;

}  // namespace cpwebsockets::transport

/// @cond  Doxygen does not find the scope.
template <>
struct std::is_error_code_enum<cpwebsockets::transport::TlsError> : std::true_type {};
/// @endcond
