/// The shape that nearly every message of a server has.
#pragma once

#include <cstddef>
#include <span>

#include "cpwebsockets/protocol/frame.hpp"

namespace cpwebsockets::protocol {

/// The header of a message in one frame, below 64 KiB, not masked and without reserved bits.
struct PlainMessage {
  std::size_t header_size = 0;  ///< 0: the input does not begin with such a header
  std::size_t size = 0;         ///< of the payload
  Opcode opcode = Opcode::binary;
};

/// Whatever it says no to, the general way judges.
inline PlainMessage plain_message_at(std::span<const std::byte> input) noexcept {
  if (input.size() < 2) return {};
  const auto first = std::to_integer<unsigned>(input[0]);
  if (first != 0x81 && first != 0x82) return {};
  const auto opcode = static_cast<Opcode>(first & 0x0F);
  std::size_t size = std::to_integer<std::size_t>(input[1]);
  if (size < 126) return {2, size, opcode};
  if (size != 126 || input.size() < 4) return {};
  size = std::to_integer<std::size_t>(input[2]) << 8 | std::to_integer<std::size_t>(input[3]);
  if (size < 126) return {};
  return {4, size, opcode};
}

}  // namespace cpwebsockets::protocol
