#include "refusal_body.hpp"

#include <algorithm>
#include <cstring>

#include "text.hpp"

namespace cpwebsockets::protocol {
namespace {

// Goes through chunks, in place if `content` is given. Returns true when the last chunk is there, and the
// length of the content in `size`.
bool walk_chunks(std::span<const std::byte> received, std::byte* content, std::size_t& size) noexcept {
  const std::string_view text{reinterpret_cast<const char*>(received.data()), received.size()};
  std::size_t at = 0;
  size = 0;
  for (;;) {
    const std::size_t line_end = text.find("\r\n", at);
    if (line_end == std::string_view::npos) return false;
    std::size_t chunk = 0;
    std::size_t digits = 0;
    for (; at + digits < line_end && digits < 7; ++digits) {
      const int value = hex_value(text[at + digits]);
      if (value < 0) break;
      chunk = chunk << 4 | static_cast<std::size_t>(value);
    }
    if (digits == 0 || chunk == 0) return true;  // the last chunk, or nonsense: no more to decode
    const std::size_t begin = line_end + 2;
    const std::size_t here = std::min(chunk, text.size() - begin);
    if (content != nullptr) std::memmove(content + size, received.data() + begin, here);
    size += here;
    at = begin + chunk + 2;
    if (at > text.size()) return false;
  }
}

}  // namespace

RefusalBody scan_refusal_body(int status, const HeaderBlock& fields,
                              std::span<const std::byte> received) noexcept {
  if (status == 204 || status == 304) return {true, false, 0};
  if (has_token(fields.find("Transfer-Encoding"), "chunked")) {
    std::size_t size = 0;
    const bool complete = walk_chunks(received, nullptr, size);
    return {complete, true, size};
  }
  const std::string_view length_text = fields.find("Content-Length");
  if (length_text.empty()) return {false, false, received.size()};  // it ends with the stream
  std::size_t length = 0;
  for (const char c : length_text) {
    // Nonsense or far too long: as much as there is.
    if (!is_digit(c) || length > 0xFFFFFFF) return {false, false, received.size()};
    length = length * 10 + static_cast<std::size_t>(c - '0');
  }
  return {received.size() >= length, false, std::min(length, received.size())};
}

std::span<std::byte> decode_chunks(std::span<std::byte> received) noexcept {
  std::size_t size = 0;
  walk_chunks(received, received.data(), size);
  return received.first(size);
}

}  // namespace cpwebsockets::protocol
