// Commands of a Connection that write frames: messages, whole or by pieces, and control frames.
#include <algorithm>
#include <cstring>

#include "cpwebsockets/protocol/connection.hpp"
#include "extension_calls.hpp"
#include "mask_words.hpp"

// Where speed counts: what the short way does not need must not lengthen it.
#ifdef __OPTIMIZE_SIZE__
#define APART
#else
#define APART [[gnu::noinline]]
#endif

namespace cpwebsockets::protocol {
namespace {

// The usual case, one frame that fits as it is, needs no arithmetic over frames: a tenth of an echo's
// instructions for 80 bytes of code, which a build for size goes without.
#ifdef __OPTIMIZE_SIZE__
constexpr bool has_short_cut = false;
#else
constexpr bool has_short_cut = true;
#endif

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace

// --- Frames ---

// Bytes of the message being sent that go into one frame, before compression.
std::size_t Connection::piece_limit() const noexcept {
  if (sending_compressed_) return config_.extension->connection_.piece_limit(*this);
  return frame_limit_;
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

bool Connection::write_frame(Opcode opcode, std::span<const std::byte> payload, bool fin) noexcept {
  FrameHeader header;
  header.opcode = opcode;
  header.fin = fin;
  if (!choose_mask(header)) return false;
  header.payload_length = payload.size();
  // Room is there; a little more than is needed is asked for, which is no more than moved bytes.
  std::byte* const out = send_.reserve(max_frame_header + payload.size());
  const std::size_t header_size = write_frame_header(header, out);
  if (header.masked) {
    mask(payload, out + header_size, header.masking_key);
  } else if (!payload.empty()) {
    std::memmove(out + header_size, payload.data(), payload.size());  // it may lie there already
  }
  send_.commit(header_size + payload.size());
  return true;
}

// A message as one masked frame, without the arithmetic over frames. The caller knows that there is room
// behind what waits.
bool Connection::write_short_message(Opcode opcode, std::span<const std::byte> message) noexcept {
  std::size_t size = message.size();
  std::byte* out = send_.end();
  out[0] = static_cast<std::byte>(0x80U | static_cast<unsigned>(opcode));
  if (size <= 125) {
    out[1] = static_cast<std::byte>(0x80U | size);
    out += 2;
  } else {
    out[1] = static_cast<std::byte>(0x80U | 126U);
    out[2] = static_cast<std::byte>(size >> 8);
    out[3] = static_cast<std::byte>(size & 0xFF);
    out += 4;
  }
  if (!config_.random.fill(config_.random.context, {out, sizeof(MaskingKey)})) {
    if (state_ != State::closed) fail(Error::entropy_failure, Step::frame, ClosedBy::us);
    return false;
  }
  MaskingKey key;
  std::memcpy(key.data(), out, sizeof key);
  out += sizeof key;
  const std::byte* from = message.data();
  if (size < mask_vector_threshold) {
    std::uint32_t key32;
    std::memcpy(&key32, key.data(), sizeof key32);
    if (has_unaligned_access) mask_words(from, out, size, key32);
    for (std::size_t i = 0; i < size; ++i) *out++ = from[i] ^ key[i & 3];
  } else {
    mask(message, out, key);
    out += size;
  }
  send_.commit(static_cast<std::size_t>(out - send_.end()));
  return true;
}

// --- Messages ---

Result Connection::check_open() const noexcept {
  if (state_ == State::open && !send_failed_) return Result::accepted;
  return state_ < State::open ? Result::not_open : Result::dead;
}

Result Connection::can_send(Opcode opcode) const noexcept {
  if (const Result result = check_open(); result != Result::accepted) return result;
  const bool is_data = opcode == Opcode::text || opcode == Opcode::binary;
  return is_data && sending_ == Sending::nothing ? Result::accepted : Result::invalid;
}

// Whether `size` more bytes of the message being sent fit the send buffer, now or ever.
APART Result Connection::check_room(std::size_t size) const noexcept {
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
    const Opcode opcode = sending_first_ ? sending_opcode_ : Opcode::continuation;
    const bool fin = last && bytes.empty();
    sending_first_ = false;
    const bool written = sending_compressed_
                             ? config_.extension->connection_.write_frame(*this, opcode, piece, fin)
                             : write_frame(opcode, piece, fin);
    if (!written) return Result::dead;
  } while (!bytes.empty());
  return Result::accepted;
}

Result Connection::send(Opcode opcode, std::span<const std::byte> message) noexcept {
  if (const Result result = can_send(opcode); result != Result::accepted) return result;
  sending_compressed_ = extension_active_ && config_.extension->wants(message.size());
  const bool is_short = has_short_cut && masks() && !sending_compressed_ &&
                        message.size() <= std::min<std::size_t>(frame_limit_, 0xFFFF) &&
                        message.size() + max_frame_header <= send_.room_at_end();
  if (is_short) {
    if (opcode == Opcode::text && !is_valid_utf8(message)) return Result::invalid;
    return write_short_message(opcode, message) ? Result::accepted : Result::dead;
  }
  if (const Result room = check_room(message.size()); room != Result::accepted) return room;
  if (opcode == Opcode::text && !is_valid_utf8(message)) return Result::invalid;
  sending_opcode_ = opcode;
  sending_first_ = true;
  return write_message_bytes(message, true);
}

Result Connection::begin_message(Opcode opcode) noexcept {
  if (const Result result = can_send(opcode); result != Result::accepted) return result;
  sending_ = Sending::message;
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
  if (const Result result = check_open(); result != Result::accepted) return result;
  if (sending_ != Sending::message) return Result::invalid;
  if (piece.empty() && !last) return Result::accepted;
  if (const Result room = check_room(piece.size()); room != Result::accepted) return room;
  if (sending_opcode_ == Opcode::text) {
    Utf8Validator text = sent_text_;
    if (text.consume(piece) != piece.size() || (last && !text.complete())) return Result::invalid;
    sent_text_ = text;
  }
  if (last) sending_ = Sending::nothing;
  return write_message_bytes(piece, last);
}

std::size_t Connection::append_room() const noexcept {
  if (state_ != State::open || sending_ != Sending::message) return 0;
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

// Room for a control frame, masked or not. Inside a frame there is none.
bool Connection::has_control_room(std::size_t size) const noexcept {
  return sending_ != Sending::frame && send_.room() >= 2 + sizeof(MaskingKey) + size;
}

Result Connection::write_control(Opcode opcode, std::span<const std::byte> payload) noexcept {
  if (!has_control_room(payload.size())) return Result::would_block;
  return write_frame(opcode, payload) ? Result::accepted : Result::dead;
}

Result Connection::send_control(Opcode opcode, std::span<const std::byte> payload) noexcept {
  if (const Result result = check_open(); result != Result::accepted) return result;
  return payload.size() > max_control_payload ? Result::invalid : write_control(opcode, payload);
}

Result Connection::ping(std::span<const std::byte> payload) noexcept {
  const Result result = send_control(Opcode::ping, payload);
  if (result == Result::accepted) round_trip_.begin(payload, now_);
  return result;
}

Result Connection::pong(std::span<const std::byte> payload) noexcept {
  return send_control(Opcode::pong, payload);
}

Result Connection::write_close(CloseCode code, std::string_view reason) noexcept {
  const bool has_code = code != CloseCode::no_status_received;
  const std::size_t size = has_code ? 2 + reason.size() : 0;
  if (!has_control_room(size)) return Result::would_block;
  // Made where write_frame() is to put it: a buffer on the stack would be a fifth of what a small device has
  // of that.
  std::byte* const payload = send_.reserve(max_frame_header + size) + 2 + sizeof(MaskingKey);
  if (has_code) {
    payload[0] = static_cast<std::byte>(to_integer(code) >> 8);
    payload[1] = static_cast<std::byte>(to_integer(code) & 0xFF);
    if (!reason.empty()) std::memcpy(payload + 2, reason.data(), reason.size());
  }
  if (!write_frame(Opcode::close, {payload, size})) return Result::dead;
  close_.sent = code;
  return Result::accepted;
}

Result Connection::close(CloseCode code, std::string_view reason) noexcept {
  const bool without_code = code == CloseCode::no_status_received;
  if (!without_code && !is_valid_on_wire(code)) return Result::invalid;
  if (reason.size() > max_close_reason || (without_code && !reason.empty())) return Result::invalid;
  if (!is_valid_utf8(bytes_of(reason))) return Result::invalid;
  if (state_ == State::connecting) {
    close_.by = ClosedBy::us;
    close_.step = Step::handshake;
    enter_closed();
    return Result::accepted;
  }
  if (const Result result = check_open(); result != Result::accepted) return result;
  if (const Result result = write_close(code, reason); result != Result::accepted) return result;
  close_.by = ClosedBy::us;
  state_ = State::closing;
  start_timer(config_.close_timeout);
  return Result::accepted;
}

}  // namespace cpwebsockets::protocol
