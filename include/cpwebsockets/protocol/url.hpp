/// WebSocket URLs (RFC 6455 §3, RFC 3986).
#pragma once

#include <cstdint>
#include <string_view>

#include "cpwebsockets/protocol/error.hpp"

namespace cpwebsockets::protocol {

/// The parts of a ws:// or wss:// URL, as views into the text that was parsed.
struct Url {
  bool secure = false;         ///< wss
  std::string_view host;       ///< name, IPv4, or IPv6 without brackets but with its zone: "fe80::1%25eth0"
  bool ipv6 = false;           ///< the host stood in brackets
  std::uint16_t port = 0;      ///< 80 or 443 where the URL names none
  bool default_port = true;    ///< the port is the scheme's own
  std::string_view authority;  ///< host and port as written; without a zone, this is the Host header's value
  std::string_view path;       ///< may be empty, which means "/"
  std::string_view query;      ///< with its '?', or empty
  std::string_view user;       ///< percent-encoded, empty if none
  std::string_view password;   ///< percent-encoded, empty if none
  /// The URL has an '@', maybe with nothing before it.
  bool has_userinfo = false;
};

/// Parses the whole of `text` into `url`, or returns url_scheme, url_userinfo, url_host, url_port, url_path
/// or url_fragment. The scheme's case does not matter; blanks, controls and bytes above 7E must be
/// percent-encoded.
[[nodiscard]] Error parse_url(std::string_view text, Url& url) noexcept;

}  // namespace cpwebsockets::protocol
