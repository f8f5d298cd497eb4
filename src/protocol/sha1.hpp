/// SHA-1 (FIPS 180-4) and base64 (RFC 4648 §4), which the opening handshake is made of. Not for secrecy.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace cpwebsockets::protocol {

using Sha1Digest = std::array<std::byte, 20>;

/// Digest of a short text in two parts: at most 119 bytes, two blocks. The handshake hashes 24 and 36.
Sha1Digest sha1_short(std::string_view first, std::string_view second) noexcept;

/// Length of the base64 form of `size` bytes, with padding.
constexpr std::size_t base64_length(std::size_t size) noexcept {
  return (size + 2) / 3 * 4;
}

/// Writes the base64 form of `bytes`, with padding, to `out`, which holds base64_length(bytes.size()).
void base64_encode(std::span<const std::byte> bytes, char* out) noexcept;

/// True when `text` is the canonical base64 form of exactly 16 bytes.
bool is_base64_of_16_bytes(std::string_view text) noexcept;

}  // namespace cpwebsockets::protocol
