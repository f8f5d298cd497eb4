#include "cpwebsockets/protocol/url.hpp"

#include <algorithm>

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
  if (host.empty() || host.size() > 255) return false;
  char before = '.';  // no label is empty, but the root's at the end
  for (const char c : host) {
    if (!is_unreserved(c) || (c == '.' && before == '.')) return false;
    before = c;
  }
  return true;
}

// The resolver judges the address itself; here only what keeps the authority unambiguous. A zone may stand
// behind it (RFC 6874 §2).
bool is_ipv6_text(std::string_view host) noexcept {
  if (const std::size_t zone = position_of(host, '%'); zone < host.size()) {
    const std::string_view name = slice(host, zone + 3);
    if (slice(host, zone, 3) != "%25" || name.empty() || !is_encoded_text(name, {})) return false;
    host = slice(host, 0, zone);
  }
  if (host.size() < 2 || position_of(host, ':') == host.size()) return false;
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
  const std::size_t colon = position_of(text, ':');
  url.has_userinfo = true;
  url.user = slice(text, 0, colon);
  url.password = slice(text, colon + 1);
  // RFC 7617 §2: a colon ends the user name, so an encoded one cannot be carried.
  for (std::size_t i = 0; i + 2 < url.user.size(); ++i) {
    if (url.user[i] == '%' && url.user[i + 1] == '3' && lower(url.user[i + 2]) == 'a')
      return Error::url_userinfo;
  }
  return Error::none;
}

Error parse_authority(std::string_view authority, Url& url) noexcept {
  // The last '@' ends the user information; a second one before it would have to be encoded and is refused
  // there.
  std::size_t begin = authority.size();
  while (begin > 0 && authority[begin - 1] != '@') --begin;
  if (begin > 0) {
    const Error error = parse_userinfo(first(authority, begin - 1), url);
    if (error != Error::none) return error;
    authority = behind(authority, begin);
  }
  url.authority = authority;

  std::size_t host_end;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t bracket = position_of(authority, ']');
    if (bracket == authority.size()) return Error::url_host;
    url.host = slice(authority, 1, bracket - 1);
    url.ipv6 = true;
    if (!is_ipv6_text(url.host)) return Error::url_host;
    host_end = bracket + 1;
  } else {
    host_end = position_of(authority, ':');
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
  if (position_of(text, '#') < text.size()) return Error::url_fragment;

  const std::size_t authority_end = std::min(position_of(text, '/'), position_of(text, '?'));
  if (const Error error = parse_authority(slice(text, 0, authority_end), url); error != Error::none)
    return error;

  const std::string_view resource = slice(text, authority_end);
  const std::size_t question = position_of(resource, '?');
  url.path = first(resource, question);
  url.query = behind(resource, question);
  // pchar of RFC 3986 §3.3 adds ':' and '@'; a query may hold '/' and '?' as well.
  if (!is_encoded_text(url.path, ":@/") || !is_encoded_text(url.query, ":@/?")) return Error::url_path;
  return Error::none;
}

}  // namespace cpwebsockets::protocol
