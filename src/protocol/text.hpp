/// ASCII helpers for URLs and HTTP headers: no locale, no table.
#pragma once

#include <cstddef>
#include <string_view>

namespace cpwebsockets::protocol {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_alnum(char c) noexcept {
  return is_digit(c) || is_alpha(c);
}
constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_one_of(char c, std::string_view set) noexcept {
  return set.find(c) != std::string_view::npos;
}

/// The part of `text` from `begin`, as std::string_view::substr() but cutting instead of throwing: a throwing
/// path, never taken, would cost small devices a kilobyte.
constexpr std::string_view slice(std::string_view text, std::size_t begin,
                                 std::size_t size = std::string_view::npos) noexcept {
  if (begin > text.size()) begin = text.size();
  if (size > text.size() - begin) size = text.size() - begin;
  return {text.data() + begin, size};
}

/// 0 to 15, or -1 when `c` is no hexadecimal digit.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// ASCII case-insensitive match (RFC 6455 §2.1).
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// `text` without blanks and tabs at both ends (OWS of RFC 9110 §5.6.3).
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_one_of(text.front(), " \t")) text.remove_prefix(1);
  while (!text.empty() && is_one_of(text.back(), " \t")) text.remove_suffix(1);
  return text;
}

/// Takes the part of `rest` before the next `separator` off its front, trimmed; separators inside double
/// quotes do not count.
constexpr std::string_view take_until(std::string_view& rest, char separator) noexcept {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != separator); ++end) {
    if (quoted && rest[end] == '\\' && end + 1 < rest.size()) {
      ++end;
    } else if (rest[end] == '"') {
      quoted = !quoted;
    }
  }
  const std::string_view part = trim(slice(rest, 0, end));
  rest.remove_prefix(end < rest.size() ? end + 1 : end);
  return part;
}

}  // namespace cpwebsockets::protocol
