/// What a client asks of TLS.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets {

/// Versions of TLS.
enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

/// TLS for wss:// URLs. The server's certificate is verified unless the option that says otherwise is set.
struct TlsOptions {
  /// PEM file of trusted CAs. With this or `ca_pem`, the system's CAs are not used. An intermediate CA may be
  /// trusted without its issuer.
  std::string ca_file;
  std::string ca_pem;            ///< trusted CAs as PEM text
  std::string certificate_file;  ///< client certificate chain, PEM
  std::string key_file;          ///< its private key, PEM, without a passphrase
  /// Pins: SHA-256 of the server key's SubjectPublicKeyInfo, in base64. If there are any, one must match.
  std::vector<std::string> pinned_spki_sha256;
  /// Name to ask for (SNI) and to verify, instead of the URL's host: at most 255 bytes. Only names in the
  /// certificate's subjectAltName count (RFC 9525 §6.3).
  std::string server_name;
  /// Older versions are refused.
  TlsVersion minimum_version = TlsVersion::tls_1_2;
  /// Protocols to offer by ALPN (RFC 7301), in order of preference; each 1 to 255 bytes. Empty: none.
  std::vector<std::string> alpn{1, std::string("http/1.1")};  // GCC 12 fails on a list here
  /// A later connection to the same host and port resumes the session of an earlier one (RFC 8446 §2.2),
  /// which costs half of a full handshake. The certificate was verified in the earlier one.
  bool resume_sessions = true;
  /// File to which the connections' secrets are appended, for Wireshark (in the format of SSLKEYLOGFILE).
  /// Whoever has this file can decrypt the connections. Empty: none.
  std::string key_log_file;
  /// Takes any certificate of any server: an attacker can read and change everything. For tests only. Pins,
  /// if given, are still checked.
  bool insecure_skip_verification = false;

  /// True when all options are equal.
  bool operator==(const TlsOptions&) const = default;
};

}  // namespace cpwebsockets
