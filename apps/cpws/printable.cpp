#include "printable.hpp"

#include <cstdio>

namespace cpws {

std::string printable(std::string_view bytes, bool is_utf8) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const auto before = i > 0 ? static_cast<unsigned char>(bytes[i - 1]) : 0;
    const auto next = i + 1 < bytes.size() ? static_cast<unsigned char>(bytes[i + 1]) : 0;
    // U+0080 to U+009F are the two bytes C2 80 to C2 9F.
    const bool is_c1 = (byte == 0xC2 && next < 0xA0) || (before == 0xC2 && byte < 0xA0);
    if (byte < 0x20 || byte == 0x7F || is_c1 || (byte >= 0x80 && !is_utf8)) {
      char escaped[5];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      text += escaped;
    } else {
      text += static_cast<char>(byte);
    }
  }
  return text;
}

}  // namespace cpws
