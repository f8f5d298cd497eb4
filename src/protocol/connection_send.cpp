// Commands of a Connection that write frames: messages, whole or by pieces, and control frames.
#include <algorithm>
#include <array>
#include <cstring>

#include "cpwebsockets/protocol/connection.hpp"
#include "extension_calls.hpp"

namespace cpwebsockets::protocol {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace

// --- Frames ---

// Bytes of the message being sent that go into one frame, before compression.
std::size_t Connection::piece_limit() const noexcept {
  if (sending_compressed_) return config_.extension->connection_.piece_limit(*this);
  return config_.frame_size;
}

// The most bytes that a frame takes with `piece` bytes of the message being sent.
std::size_t Connection::framed_size(std::size_t piece) const noexcept {
  if (sending_compressed_) return config_.extension->connection_.framed_size(*this, piece);
  return frame_header_size(piece, masks()) + piece;
}

// A fresh and unpredictable masking key for each frame (RFC 6455 §5.3).
bool Connection::choose_mask(FrameHeader& header) noexcept {
  header.masked = masks();
  if (!header.masked || config_.random.fill(config_.random.context, header.masking_key)) return true;
  if (state_ != State::closed) fail(Error::entropy_failure, Step::frame, ClosedBy::us);
  return false;
}

bool Connection::write_frame(FrameHeader& header, std::span<const std::byte> payload) noexcept {
  if (!choose_mask(header)) return false;
  header.payload_length = payload.size();
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

// --- Messages ---

Result Connection::can_send(Opcode opcode) const noexcept {
  if (state_ != State::open) return state_ == State::connecting ? Result::invalid : Result::dead;
  const bool is_data = opcode == Opcode::text || opcode == Opcode::binary;
  return is_data && !sending_message_ ? Result::accepted : Result::invalid;
}

// Whether `size` more bytes of the message being sent fit the send buffer, now or ever.
Result Connection::check_room(std::size_t size) const noexcept {
  const std::size_t limit = piece_limit();
  std::size_t needed = 0;
  do {
    const std::size_t piece = std::min(size, limit);
    needed += framed_size(piece);
    if (needed > send_.capacity()) return Result::too_large;
    size -= piece;
  } while (size > 0);
  return needed <= send_.room() ? Result::accepted : Result::would_block;
}

// Writes `bytes` of the message being sent as one or more frames; the caller knows that there is room.
Result Connection::write_message_bytes(std::span<const std::byte> bytes, bool last) noexcept {
  const std::size_t limit = piece_limit();
  do {
    const std::span<const std::byte> piece = bytes.first(std::min(bytes.size(), limit));
    bytes = bytes.subspan(piece.size());
    FrameHeader header;
    header.opcode = sending_first_ ? sending_opcode_ : Opcode::continuation;
    header.rsv1 = sending_first_ && sending_compressed_;
    header.fin = last && bytes.empty();
    sending_first_ = false;
    const bool written = sending_compressed_
                             ? config_.extension->connection_.write_frame(*this, header, piece)
                             : write_frame(header, piece);
    if (!written) return Result::dead;
  } while (!bytes.empty());
  return Result::accepted;
}

Result Connection::send(Opcode opcode, std::span<const std::byte> message) noexcept {
  if (const Result result = can_send(opcode); result != Result::accepted) return result;
  sending_compressed_ = extension_active_ && config_.extension->wants(message.size());
  // One frame that fits as it is, the usual case, needs no arithmetic over frames.
  const bool is_one_frame = !sending_compressed_ && message.size() <= config_.frame_size &&
                            message.size() + max_frame_header <= send_.room();
  if (!is_one_frame) {
    if (const Result room = check_room(message.size()); room != Result::accepted) return room;
  }
  if (opcode == Opcode::text && !is_valid_utf8(message)) return Result::invalid;
  sending_opcode_ = opcode;
  sending_first_ = true;
  if (!is_one_frame) return write_message_bytes(message, true);
  FrameHeader header;
  header.opcode = opcode;
  return write_frame(header, message) ? Result::accepted : Result::dead;
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
  return add_piece(piece, false);
}

Result Connection::finish(std::span<const std::byte> piece) noexcept {
  return add_piece(piece, true);
}

Result Connection::add_piece(std::span<const std::byte> piece, bool last) noexcept {
  if (state_ != State::open) return Result::dead;
  if (!sending_message_) return Result::invalid;
  if (piece.empty() && !last) return Result::accepted;
  if (const Result room = check_room(piece.size()); room != Result::accepted) return room;
  if (sending_opcode_ == Opcode::text) {
    Utf8Validator text = sent_text_;
    if (text.consume(piece) != piece.size() || (last && !text.complete())) return Result::invalid;
    sent_text_ = text;
  }
  if (last) sending_message_ = false;
  return write_message_bytes(piece, last);
}

std::size_t Connection::append_room() const noexcept {
  if (state_ != State::open || !sending_message_) return 0;
  const std::size_t limit = piece_limit();
  std::size_t room = send_.room();
  for (std::size_t fits = 0;;) {
    const std::size_t piece = std::min(room, limit);
    const std::size_t needed = framed_size(piece);
    if (needed > room) {  // the last frame: shorter by its header
      const std::size_t excess = needed - room;
      return fits + (piece > excess ? piece - excess : 0);
    }
    fits += piece;
    room -= needed;
  }
}

// --- Control frames ---

// Room for a control frame, masked or not.
bool Connection::has_control_room(std::size_t size) const noexcept {
  return send_.room() >= 2 + sizeof(MaskingKey) + size;
}

Result Connection::write_control(Opcode opcode, std::span<const std::byte> payload) noexcept {
  if (!has_control_room(payload.size())) return Result::would_block;
  FrameHeader header;
  header.opcode = opcode;
  return write_frame(header, payload) ? Result::accepted : Result::dead;
}

Result Connection::send_control(Opcode opcode, std::span<const std::byte> payload) noexcept {
  if (state_ != State::open) return state_ == State::connecting ? Result::invalid : Result::dead;
  return payload.size() > max_control_payload ? Result::invalid : write_control(opcode, payload);
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

Result Connection::write_close(std::uint16_t code, std::string_view reason) noexcept {
  std::array<std::byte, max_control_payload> payload;
  std::size_t size = 0;
  if (code != static_cast<std::uint16_t>(CloseCode::no_status_received)) {
    payload[0] = static_cast<std::byte>(code >> 8);
    payload[1] = static_cast<std::byte>(code & 0xFF);
    if (!reason.empty()) std::memcpy(payload.data() + 2, reason.data(), reason.size());
    size = 2 + reason.size();
  }
  return write_control(Opcode::close, std::span<const std::byte>(payload).first(size));
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
  if (const Result result = write_close(code, reason); result != Result::accepted) return result;
  close_.sent = code;
  close_.by = ClosedBy::us;
  state_ = State::closing;
  deadline_ = after(config_.close_timeout);
  return Result::accepted;
}

}  // namespace cpwebsockets::protocol
