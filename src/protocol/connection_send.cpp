// Commands of a Connection that write frames: messages, whole or by pieces, and control frames.
#include <algorithm>
#include <array>
#include <cstring>

#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets::protocol {
namespace {

// A compressed frame's length is known after the fact: room for the longest length field up to 65535.
constexpr std::size_t max_compressed_frame = 0xFFFF;

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace

// --- Frames
// ------------------------------------------------------------------------------------------------------

std::size_t Connection::frame_payload_limit() const noexcept {
  const std::size_t overhead = max_frame_header;
  const std::size_t fits = send_.capacity() > overhead ? send_.capacity() - overhead : 1;
  return config_.frame_size > 0 ? std::min(config_.frame_size, fits) : fits;
}

std::size_t Connection::compressed_piece_limit() const noexcept {
  const std::size_t limit = std::min(frame_payload_limit(), max_compressed_frame);
  const std::size_t expansion = config_.extension->bound(limit) - limit;
  return limit > expansion ? limit - expansion : 1;
}

std::size_t Connection::framed_size(std::size_t size, bool compressed) const noexcept {
  const std::size_t piece = compressed ? compressed_piece_limit() : frame_payload_limit();
  const std::size_t whole_frames = size / piece;
  const std::size_t rest = size % piece;
  const auto one = [&](std::size_t payload) {
    const std::size_t bytes = compressed ? config_.extension->bound(payload) : payload;
    return frame_header_size(bytes, masks()) + bytes;
  };
  return whole_frames * (whole_frames > 0 ? one(piece) : 0) + (rest > 0 || whole_frames == 0 ? one(rest) : 0);
}

bool Connection::write_frame(FrameHeader header, std::span<const std::byte> payload) noexcept {
  header.masked = masks();
  header.payload_length = payload.size();
  if (header.masked && !config_.random.fill(config_.random.context, header.masking_key)) {
    fail(Error::entropy_failure, Step::frame, ClosedBy::us);
    return false;
  }
  std::byte* const out = send_.reserve(frame_header_size(payload.size(), header.masked) + payload.size());
  const std::size_t header_size = write_frame_header(header, out);
  if (header.masked) {
    mask(payload, out + header_size, header.masking_key);
  } else if (!payload.empty()) {
    std::memcpy(out + header_size, payload.data(), payload.size());
  }
  send_.commit(header_size + payload.size());
  return true;
}

bool Connection::write_compressed_frame(FrameHeader header, std::span<const std::byte> piece,
                                        bool last) noexcept {
  header.masked = masks();
  if (header.masked && !config_.random.fill(config_.random.context, header.masking_key)) {
    fail(Error::entropy_failure, Step::frame, ClosedBy::us);
    return false;
  }
  const std::size_t bound = config_.extension->bound(piece.size());
  const std::size_t header_room = frame_header_size(bound, header.masked);
  std::byte* const out = send_.reserve(header_room + bound);
  const std::size_t size = config_.extension->compress(piece, last, out + header_room);
  header.payload_length = size;
  const std::size_t header_size = write_frame_header(header, out);
  std::memmove(out + header_size, out + header_room, size);
  if (header.masked) mask({out + header_size, size}, out + header_size, header.masking_key);
  send_.commit(header_size + size);
  return true;
}

// --- Messages
// ----------------------------------------------------------------------------------------------------

Result Connection::can_send(Opcode opcode) const noexcept {
  if (state_ != State::open) return state_ == State::connecting ? Result::invalid : Result::dead;
  const bool is_data = opcode == Opcode::text || opcode == Opcode::binary;
  return is_data && !sending_message_ ? Result::accepted : Result::invalid;
}

Result Connection::check_room(std::size_t needed) const noexcept {
  if (needed <= send_.room()) return Result::accepted;
  return needed > send_.capacity() ? Result::too_large : Result::would_block;
}

// Writes `bytes` of the message being sent as one or more frames; the caller knows that there is room.
Result Connection::write_message_bytes(std::span<const std::byte> bytes, bool last) noexcept {
  const std::size_t limit = sending_compressed_ ? compressed_piece_limit() : frame_payload_limit();
  do {
    const std::span<const std::byte> piece = bytes.first(std::min(bytes.size(), limit));
    bytes = bytes.subspan(piece.size());
    FrameHeader header;
    header.opcode = sending_first_ ? sending_opcode_ : Opcode::continuation;
    header.rsv1 = sending_first_ && sending_compressed_;
    header.fin = last && bytes.empty();
    sending_first_ = false;
    const bool written =
        sending_compressed_ ? write_compressed_frame(header, piece, header.fin) : write_frame(header, piece);
    if (!written) return Result::dead;
  } while (!bytes.empty());
  return Result::accepted;
}

Result Connection::send(Opcode opcode, std::span<const std::byte> message) noexcept {
  if (const Result result = can_send(opcode); result != Result::accepted) return result;
  const bool compressed = extension_active_ && config_.extension->wants(message.size());
  // One frame that fits as it is, the usual case, needs no arithmetic over frames.
  const std::size_t largest = config_.frame_size > 0 ? config_.frame_size : message.size();
  if (!compressed && message.size() <= largest && message.size() + max_frame_header <= send_.room()) {
    if (opcode == Opcode::text && !is_valid_utf8(message)) return Result::invalid;
    FrameHeader header;
    header.opcode = opcode;
    return write_frame(header, message) ? Result::accepted : Result::dead;
  }
  if (const Result room = check_room(framed_size(message.size(), compressed)); room != Result::accepted) {
    return room;
  }
  if (opcode == Opcode::text && !is_valid_utf8(message)) return Result::invalid;
  sending_opcode_ = opcode;
  sending_first_ = true;
  sending_compressed_ = compressed;
  return write_message_bytes(message, true);
}

Result Connection::begin_message(Opcode opcode) noexcept {
  if (const Result result = can_send(opcode); result != Result::accepted) return result;
  sending_message_ = true;
  sending_first_ = true;
  sending_opcode_ = opcode;
  sending_compressed_ = extension_active_ && config_.extension->wants(~std::uint64_t{0});
  sent_text_.reset();
  return Result::accepted;
}

Result Connection::append(std::span<const std::byte> piece) noexcept {
  if (state_ != State::open) return Result::dead;
  if (!sending_message_) return Result::invalid;
  if (piece.empty()) return Result::accepted;
  if (const Result room = check_room(framed_size(piece.size(), sending_compressed_));
      room != Result::accepted) {
    return room;
  }
  if (sending_opcode_ == Opcode::text) {
    Utf8Validator text = sent_text_;
    if (text.consume(piece) != piece.size()) return Result::invalid;
    sent_text_ = text;
  }
  return write_message_bytes(piece, false);
}

Result Connection::finish(std::span<const std::byte> piece) noexcept {
  if (state_ != State::open) return Result::dead;
  if (!sending_message_) return Result::invalid;
  if (const Result room = check_room(framed_size(piece.size(), sending_compressed_));
      room != Result::accepted) {
    return room;
  }
  if (sending_opcode_ == Opcode::text) {
    Utf8Validator text = sent_text_;
    if (text.consume(piece) != piece.size() || !text.complete()) return Result::invalid;
  }
  const Result result = write_message_bytes(piece, true);
  sending_message_ = false;
  return result;
}

std::size_t Connection::append_room() const noexcept {
  if (state_ != State::open || !sending_message_) return 0;
  // The framed size grows with the piece: find the largest that fits, frame by frame.
  const std::size_t piece = sending_compressed_ ? compressed_piece_limit() : frame_payload_limit();
  const std::size_t per_frame = framed_size(piece, sending_compressed_);
  const std::size_t whole = send_.room() / per_frame;
  std::size_t rest = send_.room() % per_frame;
  const std::size_t overhead =
      framed_size(std::min(rest, piece), sending_compressed_) - std::min(rest, piece);
  rest = rest > overhead ? rest - overhead : 0;
  return whole * piece + std::min(rest, piece);
}

// --- Control frames
// ----------------------------------------------------------------------------------------------

Result Connection::send_control(Opcode opcode, std::span<const std::byte> payload) noexcept {
  if (state_ != State::open) return state_ == State::connecting ? Result::invalid : Result::dead;
  if (payload.size() > max_control_payload) return Result::invalid;
  if (send_.room() < frame_header_size(payload.size(), masks()) + payload.size()) return Result::would_block;
  FrameHeader header;
  header.opcode = opcode;
  return write_frame(header, payload) ? Result::accepted : Result::dead;
}

std::uint32_t Connection::tag_of(std::span<const std::byte> ping_payload) noexcept {
  std::uint32_t hash = 2166136261U;  // FNV-1a: tells our latest ping's payload from others, no more
  for (const std::byte byte : ping_payload) hash = (hash ^ std::to_integer<std::uint32_t>(byte)) * 16777619U;
  return hash;
}

Result Connection::ping(std::span<const std::byte> payload) noexcept {
  const Result result = send_control(Opcode::ping, payload);
  if (result == Result::accepted) {
    ping_outstanding_ = true;
    ping_size_ = static_cast<std::uint8_t>(payload.size());
    ping_tag_ = tag_of(payload);
    ping_sent_ = now_;
  }
  return result;
}

Result Connection::pong(std::span<const std::byte> payload) noexcept {
  return send_control(Opcode::pong, payload);
}

bool Connection::write_close(std::uint16_t code, std::string_view reason) noexcept {
  std::array<std::byte, max_control_payload> payload;
  std::size_t size = 0;
  if (code != static_cast<std::uint16_t>(CloseCode::no_status_received)) {
    payload[0] = static_cast<std::byte>(code >> 8);
    payload[1] = static_cast<std::byte>(code & 0xFF);
    if (!reason.empty()) std::memcpy(payload.data() + 2, reason.data(), reason.size());
    size = 2 + reason.size();
  }
  if (send_.room() < frame_header_size(size, masks()) + size) return false;
  FrameHeader header;
  header.opcode = Opcode::close;
  return write_frame(header, std::span<const std::byte>(payload).first(size));
}

Result Connection::close(std::uint16_t code, std::string_view reason) noexcept {
  const bool without_code = code == static_cast<std::uint16_t>(CloseCode::no_status_received);
  if (!without_code && !is_valid_on_wire(code)) return Result::invalid;
  if (reason.size() > max_close_reason || (without_code && !reason.empty())) return Result::invalid;
  if (!is_valid_utf8(bytes_of(reason))) return Result::invalid;
  if (state_ == State::connecting) {
    close_.by = ClosedBy::us;
    close_.step = Step::handshake;
    enter_closed();
    return Result::accepted;
  }
  if (state_ != State::open) return Result::dead;
  if (!write_close(code, reason)) return state_ == State::closed ? Result::dead : Result::would_block;
  close_.sent = code;
  close_.by = ClosedBy::us;
  state_ = State::closing;
  deadline_ = config_.close_timeout.count() > 0 ? now_ + config_.close_timeout : Time::max();
  return Result::accepted;
}

}  // namespace cpwebsockets::protocol
