#pragma once

#include <string>
#include <string_view>

namespace cpws {

/// What Windows has as UTF-16 in UTF-8. Half a surrogate pair becomes U+FFFD.
[[nodiscard]] std::string to_utf8(std::wstring_view text);

}  // namespace cpws
