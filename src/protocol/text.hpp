/// ASCII helpers for URLs and HTTP headers: no locale, no table.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

// What the standard library has for searching is fast and large; these are plain loops, as a handshake
// happens once and a small device has few kilobytes for it.

namespace cpwebsockets::protocol {

using namespace std::string_view_literals;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}
constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_alnum(char c) noexcept {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

/// The part of `text` from `begin`, as std::string_view::substr() but cutting instead of throwing: a throwing
/// path, never taken, would cost small devices a kilobyte.
std::string_view slice(std::string_view text, std::size_t begin,
                       std::size_t size = std::string_view::npos) noexcept;

/// The first `size` characters, which the caller knows to be there, and what stands behind them.
constexpr std::string_view first(std::string_view text, std::size_t size) noexcept {
  return {text.data(), size};
}
constexpr std::string_view behind(std::string_view text, std::size_t size) noexcept {
  return {text.data() + size, text.size() - size};
}

/// Where the first `c` is in `text`; its size if nowhere.
std::size_t position_of(std::string_view text, char c) noexcept;

/// Where `what` begins in `text`, at `from` or behind; npos if nowhere.
std::size_t index_of(std::string_view text, std::string_view what, std::size_t from = 0) noexcept;

bool is_one_of(char c, std::string_view set) noexcept;

/// True when each character of `text` is one that `accepts`.
bool every(std::string_view text, bool (*accepts)(char c)) noexcept;

/// 0 to 15, or -1 when `c` is no hexadecimal digit.
int hex_value(char c) noexcept;

/// ASCII case-insensitive match (RFC 6455 §2.1).
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// The place of `name` among `names` (case does not matter); names.size() if it is none of them.
std::size_t find_name(std::span<const std::string_view> names, std::string_view name) noexcept;

/// A token of RFC 9110 §5.6.2: not empty, no separators.
bool is_token(std::string_view text) noexcept;

/// A field's value (RFC 9110 §5.5): no control characters but tabs.
bool is_field_value(std::string_view text) noexcept;

/// `text` without blanks and tabs at both ends (OWS of RFC 9110 §5.6.3).
std::string_view trim(std::string_view text) noexcept;

/// Takes the part of `rest` before the next `separator` off its front, trimmed; separators inside double
/// quotes do not count.
std::string_view take_until(std::string_view& rest, char separator) noexcept;

}  // namespace cpwebsockets::protocol
