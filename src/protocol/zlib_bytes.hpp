/// What both directions of permessage-deflate share.
#pragma once

#include <zlib.h>

#include <array>
#include <cstddef>

namespace cpwebsockets::protocol {

// RFC 7692 §7.2.1: each message loses these bytes when sent, and gets them back before inflating.
inline constexpr std::array<std::byte, 4> flush_tail{std::byte{0x00}, std::byte{0x00}, std::byte{0xFF},
                                                     std::byte{0xFF}};

inline Bytef* zlib_bytes(const std::byte* bytes) noexcept {
  return reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes));  // zlib's next_in is not const
}

}  // namespace cpwebsockets::protocol
