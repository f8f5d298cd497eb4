/// The base framing protocol (RFC 6455 §5.2): frame headers, read and written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpwebsockets/protocol/error.hpp"
#include "cpwebsockets/protocol/mask.hpp"

namespace cpwebsockets::protocol {

/// The kind of a frame (§5.2).
enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

/// True for close, ping and pong.
constexpr bool is_control(Opcode opcode) noexcept {
  return (static_cast<unsigned>(opcode) & 0x8) != 0;
}

inline constexpr std::size_t max_control_payload = 125;  ///< bytes (§5.5)
inline constexpr std::size_t max_frame_header = 14;      ///< bytes: 2 + 8 length + 4 masking key

/// The header of one frame.
struct FrameHeader {
  /// The kind of the frame.
  Opcode opcode = Opcode::continuation;
  /// The frame is the last of its message.
  bool fin = true;
  bool rsv1 = false;  ///< "per-message compressed" on the first frame of a message (RFC 7692 §6)
  /// The payload is masked with `masking_key`.
  bool masked = false;
  /// Means something only if `masked`.
  MaskingKey masking_key{};
  std::uint64_t payload_length = 0;  ///< bytes; below 2^63
};

/// What a receiver requires of the next frame, by its role and the frames before.
struct FrameRules {
  bool masked = false;        ///< frames must be masked (at a server) or must not be (at a client) (§5.1)
  bool rsv1_allowed = false;  ///< permessage-deflate is in use
  bool in_message = false;  ///< a fragmented message is unfinished: only its continuation may follow (§5.4)
};

/// Result of parse_frame_header(): `size` bytes were a header; 0 with no error means that more bytes are
/// needed.
struct ParsedFrameHeader {
  /// The violation found, or none.
  Error error = Error::none;
  /// Bytes of the header, or 0.
  std::uint8_t size = 0;
};

/// Parses the header at the start of `bytes` into `header`. Each byte is judged as soon as it is there, in
/// order: the same violation is found for every way to cut the input.
[[nodiscard]] ParsedFrameHeader parse_frame_header(std::span<const std::byte> bytes, FrameRules rules,
                                                   FrameHeader& header) noexcept;

/// Bytes that the header of a frame with this payload takes.
constexpr std::size_t frame_header_size(std::size_t payload_length, bool masked) noexcept {
  const std::size_t length_bytes = payload_length <= 125 ? 0 : payload_length <= 0xFFFF ? 2 : 8;
  return 2 + length_bytes + (masked ? 4 : 0);
}

/// Writes `header`, of a payload that is in memory, to `out` in its shortest form. Returns its size,
/// frame_header_size().
std::size_t write_frame_header(const FrameHeader& header, std::byte* out) noexcept;

}  // namespace cpwebsockets::protocol
