#include "shown_url.hpp"

#include <algorithm>

namespace cpwebsockets {

std::string without_secrets(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t authority = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", authority), url.size());
  const std::size_t user_end = url.substr(0, path).rfind('@');
  const std::size_t query = std::min(url.find('?', authority), url.size());
  const std::size_t host =
      user_end == std::string_view::npos || user_end < authority ? authority : user_end + 1;
  std::string shown;
  const auto show = [&](std::string_view part) {
    for (const char c : part) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && byte != 0x7F) {
        shown += c;
      } else {
        shown += {'\\', 'x', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
      }
    }
  };
  show(url.substr(0, authority));
  show(url.substr(host, std::max(query, host) - host));
  if (query < url.size()) show("?...");
  return shown;
}

}  // namespace cpwebsockets
