// Frames whose payload is larger than the send buffer: the header goes first, the payload follows by pieces.
#include <algorithm>

#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets::protocol {

Result Connection::begin_frame(std::size_t size, bool last) noexcept {
  if (const Result result = check_open(); result != Result::accepted) return result;
  if (sending_ != Sending::message || sending_compressed_) return Result::invalid;
  const bool is_text = sending_opcode_ == Opcode::text;
  if (is_text && last && size == 0 && !sent_text_.complete()) return Result::invalid;
  if (send_.room() < max_frame_header) return Result::would_block;

  FrameHeader header;
  header.opcode = sending_first_ ? sending_opcode_ : Opcode::continuation;
  header.fin = last;
  header.payload_length = size;
  if (!choose_mask(header)) return Result::dead;
  send_.commit(write_frame_header(header, send_.reserve(max_frame_header)));
  sending_first_ = false;
  sending_last_ = last;
  sending_key_ = header.masking_key;
  sending_remaining_ = size;
  sending_ = Sending::frame;
  if (size == 0) end_frame();
  return Result::accepted;
}

Result Connection::append_to_frame(std::span<const std::byte> piece) noexcept {
  if (const Result result = check_open(); result != Result::accepted) return result;
  if (piece.size() > sending_remaining_) return Result::invalid;
  if (piece.size() > send_.capacity()) return Result::too_large;
  if (piece.size() > send_.room()) return Result::would_block;
  if (piece.empty()) return Result::accepted;
  const bool ends = piece.size() == sending_remaining_;
  if (sending_opcode_ == Opcode::text) {
    Utf8Validator text = sent_text_;
    const bool is_valid = text.consume(piece) == piece.size();
    if (!is_valid || (ends && sending_last_ && !text.complete())) return Result::invalid;
    sent_text_ = text;
  }
  std::byte* const out = send_.reserve(piece.size());
  if (masks()) {
    mask(piece, out, sending_key_);
    const auto next = static_cast<std::ptrdiff_t>(piece.size() & 3);
    std::rotate(sending_key_.begin(), sending_key_.begin() + next, sending_key_.end());
  } else {
    std::memcpy(out, piece.data(), piece.size());
  }
  send_.commit(piece.size());
  heard_ = true;  // the peer takes bytes, or there would be no room
  sending_remaining_ -= piece.size();
  if (ends) end_frame();
  return Result::accepted;
}

void Connection::end_frame() noexcept {
  sending_ = sending_last_ ? Sending::nothing : Sending::message;
}

}  // namespace cpwebsockets::protocol
