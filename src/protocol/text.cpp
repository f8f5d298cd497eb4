#include "text.hpp"

namespace cpwebsockets::protocol {

std::string_view slice(std::string_view text, std::size_t begin, std::size_t size) noexcept {
  if (begin > text.size()) begin = text.size();
  if (size > text.size() - begin) size = text.size() - begin;
  return {text.data() + begin, size};
}

std::size_t position_of(std::string_view text, char c) noexcept {
  std::size_t at = 0;
  while (at < text.size() && text[at] != c) ++at;
  return at;
}

std::size_t index_of(std::string_view text, std::string_view what, std::size_t from) noexcept {
  for (; from <= text.size() && text.size() - from >= what.size(); ++from) {
    std::size_t same = 0;
    while (same < what.size() && text[from + same] == what[same]) ++same;
    if (same == what.size()) return from;
  }
  return std::string_view::npos;
}

bool is_one_of(char c, std::string_view set) noexcept {
  for (const char one : set) {
    if (one == c) return true;
  }
  return false;
}

bool every(std::string_view text, bool (*accepts)(char c)) noexcept {
  for (const char c : text) {
    if (!accepts(c)) return false;
  }
  return true;
}

int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::size_t find_name(std::span<const std::string_view> names, std::string_view name) noexcept {
  std::size_t at = 0;
  while (at < names.size() && !equals_ignoring_case(names[at], name)) ++at;
  return at;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() &&
         every(text, [](char c) { return is_alnum(c) || is_one_of(c, "!#$%&'*+-.^_`|~"sv); });
}

bool is_field_value(std::string_view text) noexcept {
  return every(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7F : c == '\t'; });
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view take_until(std::string_view& rest, char separator) noexcept {
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
