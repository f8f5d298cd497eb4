#include "refusal_body.hpp"

#include <algorithm>
#include <cstring>

#include "text.hpp"

namespace cpwebsockets::protocol {
namespace {

constexpr std::size_t unknown = ~std::size_t{0};

// Goes through chunks, and moves their content together if `decodes`. True when the last chunk is there.
bool walk_chunks(std::span<std::byte>& body, bool decodes) noexcept {
  const std::string_view text{reinterpret_cast<const char*>(body.data()), body.size()};
  std::size_t content = 0;
  bool complete = false;
  for (std::size_t at = 0; !complete;) {
    const std::size_t line_end = index_of(text, "\r\n"sv, at);
    if (line_end == std::string_view::npos) break;
    std::size_t chunk = 0;
    for (int digit; at < line_end && (digit = hex_value(text[at])) >= 0; ++at) {
      chunk = chunk << 4 | static_cast<std::size_t>(digit);
    }
    at = line_end + 2;
    const std::size_t here = std::min(chunk, text.size() - at);
    if (decodes) std::memmove(body.data() + content, body.data() + at, here);
    content += here;
    at += here + 2;
    complete = chunk == 0;  // the last chunk, or nonsense: no more to decode
  }
  if (decodes) body = body.first(content);
  return complete;
}

// unknown if it is missing, nonsense, or beyond what any buffer holds.
std::size_t content_length(std::string_view text) noexcept {
  std::size_t length = text.empty() ? unknown : 0;
  for (const char c : text) {
    if (!is_digit(c) || length > 0xFFFFFFF) return unknown;
    length = length * 10 + static_cast<std::size_t>(c - '0');
  }
  return length;
}

}  // namespace

bool take_refusal_body(int status, const HeaderBlock& fields, bool cut, std::span<std::byte>& body) noexcept {
  std::size_t length = unknown;  // it ends with the stream
  if (status == 204 || status == 304) {
    length = 0;
  } else if (has_token(fields.find("Transfer-Encoding"sv), "chunked"sv)) {
    if (!walk_chunks(body, false) && !cut) return false;
    walk_chunks(body, true);
  } else {
    length = content_length(fields.find("Content-Length"sv));
    if (body.size() < length && !cut) return false;
  }
  body = body.first(std::min(length, body.size()));
  return true;
}

}  // namespace cpwebsockets::protocol
