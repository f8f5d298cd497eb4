#include "cpwebsockets/protocol/handshake.hpp"

#include <algorithm>

#include "sha1.hpp"
#include "text.hpp"

namespace cpwebsockets::protocol {
HeaderBlock HeaderBlock::behind_start_line(std::string_view header) noexcept {
  const std::string_view lines = behind(header, index_of(header, "\r\n"sv) + 2);
  return HeaderBlock(first(lines, lines.size() - 2));
}

bool HeaderBlock::next(Header& field) noexcept {
  const std::size_t end = index_of(rest_, "\r\n"sv);
  if (end == std::string_view::npos || end == 0) return false;
  const std::size_t colon = std::min(index_of(rest_, ":"sv), end);
  field.name = first(rest_, colon);
  const std::string_view line = first(rest_, end);
  field.value = colon < end ? trim(behind(line, colon + 1)) : std::string_view{};
  rest_.remove_prefix(end + 2);
  return true;
}

std::string_view HeaderBlock::find(std::string_view name) const noexcept {
  HeaderBlock fields = *this;
  for (Header field; fields.next(field);) {
    if (equals_ignoring_case(field.name, name)) return field.value;
  }
  return {};
}

bool HeaderBlock::validate() const noexcept {
  // A line without a colon is all name, and its missing colon shows as a missing value's position.
  HeaderBlock fields = *this;
  for (Header field; fields.next(field);) {
    const bool has_colon = *(field.name.data() + field.name.size()) == ':';
    if (!has_colon || !is_token(field.name) || !is_field_value(field.value)) return false;
  }
  return true;
}

Request Request::to(const Url& url) noexcept {
  Request request;
  request.host = url.authority;
  request.path = url.path;
  request.query = url.query;
  if (url.has_userinfo) request.set_credentials(url.user, url.password);
  return request;
}

Error check_header(const Header& field) noexcept {
  if (!is_token(field.name)) return Error::invalid_header_name;
  if (!is_field_value(field.value)) return Error::invalid_header_value;
  static constexpr std::string_view reserved[] = {"Host"sv, "Upgrade"sv, "Connection"sv, "Content-Length"sv,
                                                  "Transfer-Encoding"sv};
  constexpr std::string_view prefix = "Sec-WebSocket-"sv;
  const bool is_reserved = find_name(reserved, field.name) < std::size(reserved) ||
                           equals_ignoring_case(slice(field.name, 0, prefix.size()), prefix);
  return is_reserved ? Error::reserved_header : Error::none;
}

Error check_subprotocols(std::span<const std::string_view> subprotocols) noexcept {
  for (std::size_t i = 0; i < subprotocols.size(); ++i) {
    if (!is_token(subprotocols[i])) return Error::invalid_subprotocol;
    for (std::size_t j = 0; j < i; ++j) {
      if (subprotocols[j] == subprotocols[i]) return Error::invalid_subprotocol;
    }
  }
  return Error::none;
}

bool has_token(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    if (equals_ignoring_case(take_until(list, ','), token)) return true;
  }
  return false;
}

// Never inlined: what it needs of the stack is then not part of its caller's frame, which lasts.
[[gnu::noinline]] std::array<char, 28> accept_value(std::string_view key) noexcept {
  constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const Sha1Digest digest = sha1_short(slice(key, 0, 24), guid);
  std::array<char, base64_length(sizeof(Sha1Digest))> value;
  base64_encode(digest, value.data());
  return value;
}

}  // namespace cpwebsockets::protocol
