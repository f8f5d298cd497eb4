#pragma once

#include <string>
#include <string_view>

namespace cpws {

/// `bytes` with everything escaped as \xNN that could make a terminal do more than show characters: control
/// characters, those of U+0080 to U+009F included, and, unless it is UTF-8, all that is not ASCII.
std::string printable(std::string_view bytes, bool is_utf8);

}  // namespace cpws
