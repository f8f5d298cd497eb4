#include "cpwebsockets/protocol/handshake.hpp"

#include <algorithm>

#include "header_line.hpp"
#include "sha1.hpp"
#include "text.hpp"

namespace cpwebsockets::protocol {

std::string_view take_line(std::string_view& rest) noexcept {
  const std::size_t end = position_of(rest, '\n');
  if (end == rest.size()) return {};
  const std::string_view line = first(rest, end + 1);
  rest = behind(rest, end + 1);
  return line;
}

std::string_view without_end(std::string_view line) noexcept {
  if (line.ends_with('\n')) {
    line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  return line;
}

bool parse_field(std::string_view line, Header& field) noexcept {
  const std::size_t colon = position_of(line, ':');
  field.name = first(line, colon);
  field.value = trim(slice(line, colon + 1));
  return colon < line.size() && is_token(field.name) && is_field_value(field.value);
}

HeaderBlock HeaderBlock::behind_start_line(std::string_view header) noexcept {
  const std::string_view lines = behind(header, position_of(header, '\n') + 1);
  return HeaderBlock(first(lines, lines.size() - 2));
}

bool HeaderBlock::next(Header& field) noexcept {
  const std::string_view line = take_line(rest_);
  parse_field(without_end(line), field);
  return !line.empty();
}

std::string_view HeaderBlock::find(std::string_view name) const noexcept {
  HeaderBlock fields = *this;
  for (Header field; fields.next(field);) {
    if (equals_ignoring_case(field.name, name)) return field.value;
  }
  return {};
}

bool HeaderBlock::validate() const noexcept {
  std::string_view rest = rest_;
  for (Header field; !rest.empty();) {
    const std::string_view line = take_line(rest);
    if (!line.ends_with("\r\n"sv) || !parse_field(without_end(line), field)) return false;
  }
  return true;
}

Request Request::to(const Url& url) noexcept {
  Request request;
  request.host = url.authority;
  request.path = url.path;
  request.query = url.query;
  if (url.has_userinfo) request.credentials = {url.user, url.password};
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
    const std::size_t end = position_of(list, ',');
    if (equals_ignoring_case(trim(first(list, end)), token)) return true;
    list = slice(list, end + 1);
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
