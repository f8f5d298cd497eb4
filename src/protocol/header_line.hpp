/// One line of an HTTP header.
#pragma once

#include <string_view>

#include "cpwebsockets/protocol/handshake.hpp"

namespace cpwebsockets::protocol {

/// Takes a line and its end, LF, off the front of `rest`; an empty view, and nothing is taken, if no line is
/// whole.
std::string_view take_line(std::string_view& rest) noexcept;

/// `line` without the LF or CR LF at its end.
std::string_view without_end(std::string_view line) noexcept;

/// Parts `line`, without its end, into name and value. True if it is a field of RFC 9112 §5: a token, a colon
/// without blanks before it, a value without control characters.
bool parse_field(std::string_view line, Header& field) noexcept;

}  // namespace cpwebsockets::protocol
