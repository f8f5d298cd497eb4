/// The shape that nearly every message of a server has.
#pragma once

#include <cstddef>
#include <span>

#include "cpwebsockets/protocol/connection.hpp"
#include "cpwebsockets/protocol/frame.hpp"
#include "cpwebsockets/protocol/utf8.hpp"

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

/// take_whole_message(), for those who need it inlined: in a flood of short messages it is nearly all of the
/// work.
[[gnu::always_inline]] inline bool take_plain_message(std::span<std::byte>& input, std::uint64_t limit,
                                                      MessagePart& message) noexcept {
  const PlainMessage plain = plain_message_at(input);
  const bool is_whole =
      plain.header_size > 0 && input.size() - plain.header_size >= plain.size && plain.size <= limit;
  if (!is_whole) return false;
  const std::span<const std::byte> bytes = input.subspan(plain.header_size, plain.size);
  if (plain.opcode == Opcode::text && !is_valid_utf8(bytes)) return false;
  message = {plain.opcode, true, true, bytes};
  input = input.subspan(plain.header_size + plain.size);
  return true;
}

}  // namespace cpwebsockets::protocol
