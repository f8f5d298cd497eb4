/// The body of a response that refuses the handshake: how long it is, and how it reads.
#pragma once

#include <cstddef>
#include <span>

#include "cpwebsockets/protocol/handshake.hpp"

namespace cpwebsockets::protocol {

struct RefusalBody {
  bool complete = false;  ///< all of it is here
  bool chunked = false;   ///< read it by decode_chunks()
  std::size_t size = 0;   ///< bytes of it that are here, when not chunked
};

/// Looks how much of a response's body `received` holds (RFC 9112 §6.3).
RefusalBody scan_refusal_body(int status, const HeaderBlock& fields,
                              std::span<const std::byte> received) noexcept;

/// Decodes chunked coding in place (RFC 9112 §7.1), as far as it is there and well-formed; returns the
/// content.
std::span<std::byte> decode_chunks(std::span<std::byte> received) noexcept;

}  // namespace cpwebsockets::protocol
