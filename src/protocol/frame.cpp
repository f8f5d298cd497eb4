#include "cpwebsockets/protocol/frame.hpp"

#include <cstring>

namespace cpwebsockets::protocol {
namespace {

constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t rsv1_bit = 0x40;
constexpr std::uint8_t rsv2_and_rsv3_bits = 0x30;
constexpr std::uint8_t mask_bit = 0x80;

// What the first byte may be, in the order in which a violation is reported.
Error check_first_byte(std::uint8_t byte, FrameRules rules) noexcept {
  const unsigned opcode = byte & 0x0F;
  const bool control = (opcode & 0x8) != 0;
  if ((byte & rsv2_and_rsv3_bits) != 0) return Error::reserved_bits;
  if ((opcode & 0x7) > 2) return Error::unknown_opcode;
  // RFC 7692 §6.1: RSV1 marks the first frame of a message, never a control frame or a continuation.
  if ((byte & rsv1_bit) != 0 && (!rules.rsv1_allowed || control || opcode == 0)) return Error::reserved_bits;
  if (control) return (byte & fin_bit) != 0 ? Error::none : Error::control_frame_fragmented;
  if (opcode == 0 && !rules.in_message) return Error::unexpected_continuation;
  if (opcode != 0 && rules.in_message) return Error::unfinished_message;
  return Error::none;
}

std::uint64_t read_big_endian(const std::byte* bytes, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | std::to_integer<std::uint8_t>(bytes[i]);
  return value;
}

}  // namespace

ParsedFrameHeader parse_frame_header(std::span<const std::byte> bytes, FrameRules rules,
                                     FrameHeader& header) noexcept {
  if (bytes.empty()) return {};
  const auto first = std::to_integer<std::uint8_t>(bytes[0]);
  if (const Error error = check_first_byte(first, rules); error != Error::none) return {error};
  if (bytes.size() < 2) return {};

  const auto second = std::to_integer<std::uint8_t>(bytes[1]);
  const bool masked = (second & mask_bit) != 0;
  if (masked != rules.masked) return {masked ? Error::masked_frame : Error::unmasked_frame};
  header.opcode = static_cast<Opcode>(first & 0x0F);
  header.fin = (first & fin_bit) != 0;
  header.rsv1 = (first & rsv1_bit) != 0;
  header.masked = masked;

  std::size_t size = 2;
  std::uint64_t length = second & 0x7F;
  if (length > 125) {
    if (is_control(header.opcode)) return {Error::control_frame_too_long};
    const std::size_t length_bytes = length == 126 ? 2 : 8;
    if (length_bytes == 8 && bytes.size() > 2 && (bytes[2] & std::byte{0x80}) != std::byte{0}) {
      return {Error::length_overflow};
    }
    if (bytes.size() < 2 + length_bytes) return {};
    length = read_big_endian(bytes.data() + 2, length_bytes);
    if (length <= (length_bytes == 2 ? 125U : 0xFFFFU)) return {Error::length_not_canonical};
    size += length_bytes;
  }
  header.payload_length = length;
  if (masked) {
    if (bytes.size() < size + 4) return {};
    std::memcpy(header.masking_key.data(), bytes.data() + size, 4);
    size += 4;
  }
  return {Error::none, static_cast<std::uint8_t>(size)};
}

std::size_t write_frame_header(const FrameHeader& header, std::byte* out) noexcept {
  const auto length = static_cast<std::size_t>(header.payload_length);
  const unsigned first =
      static_cast<unsigned>(header.opcode) | (header.fin ? fin_bit : 0U) | (header.rsv1 ? rsv1_bit : 0U);
  out[0] = static_cast<std::byte>(first);
  const std::size_t length_bytes = length <= 125 ? 0 : length <= 0xFFFF ? 2 : 8;
  const unsigned short_length = length_bytes == 0   ? static_cast<unsigned>(length)
                                : length_bytes == 2 ? 126
                                                    : 127;
  out[1] = static_cast<std::byte>(short_length | (header.masked ? mask_bit : 0U));
  std::size_t size = 2;
  for (std::size_t i = length_bytes; i-- > 0;) {
    // Not in 64 bits on a small device, where a shift of those is a library call.
    out[size++] = static_cast<std::byte>(i < sizeof length ? length >> (8 * i) & 0xFF : 0);
  }
  if (header.masked) {
    std::memcpy(out + size, header.masking_key.data(), 4);
    size += 4;
  }
  return size;
}

}  // namespace cpwebsockets::protocol
