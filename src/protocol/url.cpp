#include "cpwebsockets/protocol/url.hpp"

#include "text.hpp"

namespace cpwebsockets::protocol {
namespace {

bool is_unreserved(char c) noexcept {
  return is_alnum(c) || is_one_of(c, "-._~");
}
bool is_sub_delimiter(char c) noexcept {
  return is_one_of(c, "!$&'()*+,;=");
}

// RFC 3986: unreserved, sub-delims, whole percent-encoded triplets, and what `extra` adds.
bool is_encoded_text(std::string_view text, std::string_view extra) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3 || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return false;
      i += 2;
    } else if (!is_unreserved(c) && !is_sub_delimiter(c) && !is_one_of(c, extra)) {
      return false;
    }
  }
  return true;
}

bool is_host_name(std::string_view host) noexcept {
  if (host.empty() || host.size() > 255 || host.front() == '.') return false;
  for (const char c : host) {
    if (!is_unreserved(c)) return false;
  }
  return host.find("..") == std::string_view::npos;
}

// The resolver judges the address itself; here only what keeps the authority unambiguous. A zone may stand
// behind it (RFC 6874 §2).
bool is_ipv6_text(std::string_view host) noexcept {
  if (const std::size_t zone = host.find('%'); zone != std::string_view::npos) {
    const std::string_view name = slice(host, zone + 3);
    if (slice(host, zone, 3) != "%25" || name.empty() || !is_encoded_text(name, {})) return false;
    host = slice(host, 0, zone);
  }
  if (host.size() < 2 || host.find(':') == std::string_view::npos) return false;
  for (const char c : host) {
    if (hex_value(c) < 0 && c != ':' && c != '.') return false;
  }
  return true;
}

Error parse_port(std::string_view text, Url& url) noexcept {
  std::uint32_t port = 0;
  for (const char c : text) {
    if (!is_digit(c)) return Error::url_port;
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (port > 65535) return Error::url_port;
  }
  if (port == 0) return Error::url_port;
  url.default_port = port == url.port;
  url.port = static_cast<std::uint16_t>(port);
  return Error::none;
}

Error parse_userinfo(std::string_view text, Url& url) noexcept {
  if (!is_encoded_text(text, ":")) return Error::url_userinfo;
  const std::size_t colon = text.find(':');
  url.has_userinfo = true;
  url.user = slice(text, 0, colon);
  if (colon != std::string_view::npos) url.password = slice(text, colon + 1);
  // RFC 7617 §2: a colon ends the user name, so an encoded one cannot be carried.
  for (std::size_t i = 0; i + 2 < url.user.size(); ++i) {
    if (url.user[i] == '%' && url.user[i + 1] == '3' && lower(url.user[i + 2]) == 'a')
      return Error::url_userinfo;
  }
  return Error::none;
}

Error parse_authority(std::string_view authority, Url& url) noexcept {
  // The last '@' ends the user information; a second one before
  // it would have to be encoded and is refused there.
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    if (const Error error = parse_userinfo(slice(authority, 0, at), url); error != Error::none) return error;
    authority.remove_prefix(at + 1);
  }
  url.authority = authority;

  std::size_t host_end;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return Error::url_host;
    url.host = slice(authority, 1, bracket - 1);
    url.ipv6 = true;
    if (!is_ipv6_text(url.host)) return Error::url_host;
    host_end = bracket + 1;
  } else {
    host_end = authority.find(':');
    if (host_end == std::string_view::npos) host_end = authority.size();
    url.host = slice(authority, 0, host_end);
    if (!is_host_name(url.host)) return Error::url_host;
  }
  if (host_end == authority.size()) return Error::none;
  if (authority[host_end] != ':') return Error::url_host;
  return parse_port(slice(authority, host_end + 1), url);
}

}  // namespace

Error parse_url(std::string_view text, Url& url) noexcept {
  url = Url{};
  if (equals_ignoring_case(slice(text, 0, 6), "wss://")) {
    url.secure = true;
    url.port = 443;
    text.remove_prefix(6);
  } else if (equals_ignoring_case(slice(text, 0, 5), "ws://")) {
    url.port = 80;
    text.remove_prefix(5);
  } else {
    return Error::url_scheme;
  }
  if (text.find('#') != std::string_view::npos) return Error::url_fragment;

  std::size_t authority_end = text.find_first_of("/?");
  if (authority_end == std::string_view::npos) authority_end = text.size();
  if (const Error error = parse_authority(slice(text, 0, authority_end), url); error != Error::none)
    return error;

  const std::string_view resource = slice(text, authority_end);
  const std::size_t question = resource.find('?');
  url.path = slice(resource, 0, question);
  if (question != std::string_view::npos) url.query = slice(resource, question);
  // pchar of RFC 3986 §3.3 adds ':' and '@'; a query may hold '/' and '?' as well.
  if (!is_encoded_text(url.path, ":@/") || !is_encoded_text(url.query, ":@/?")) return Error::url_path;
  return Error::none;
}

}  // namespace cpwebsockets::protocol
