/// The body of a response that refuses the handshake.
#pragma once

#include <cstddef>
#include <span>

#include "cpwebsockets/protocol/handshake.hpp"

namespace cpwebsockets::protocol {

/// Looks whether `body`, what has come of it so far, is the whole body (RFC 9112 §6.3), or no more can come
/// (`cut`). If so, `body` becomes its content, chunked coding (§7.1) decoded in place as far as it is
/// well-formed. Returns false, and changes nothing, when more must come.
bool take_refusal_body(int status, const HeaderBlock& fields, bool cut, std::span<std::byte>& body) noexcept;

}  // namespace cpwebsockets::protocol
