// Sending: whole messages, messages by pieces, pings.
#include <algorithm>

#include "session.hpp"

namespace cpwebsockets {

// True when nothing can be sent any more; `ec` then says why.
bool Session::takes_no_more(std::error_code& ec) const noexcept {
  if (is_open()) return false;
  ec = story_.later_code();
  return true;
}

Next Session::send(Outgoing& message, std::error_code& ec) noexcept {
  if (!message.has_turn) {
    if (takes_no_more(ec)) return Next::done;
    if (turn_taken_) return Next::turn;
    switch (connection_.send(message.opcode, message.bytes)) {
      case protocol::Result::accepted:
        message.taken = message.bytes.size();
        return Next::done;
      case protocol::Result::would_block:
        return Next::room;
      case protocol::Result::too_large:
        break;
      case protocol::Result::invalid:
        ec = ClientError::text_not_utf8;
        return Next::done;
      case protocol::Result::not_open:
      case protocol::Result::dead:
        ec = story_.later_code();
        return Next::done;
    }
    // Once begun it cannot be taken back: first all that may be wrong with it, and room for a header.
    if (message.opcode == protocol::Opcode::text && !protocol::is_valid_utf8(message.bytes)) {
      ec = ClientError::text_not_utf8;
      return Next::done;
    }
    if (options_.send_buffer_size - to_send().size() < options_.send_buffer_size / 2) return Next::room;
    static_cast<void>(connection_.begin_message(message.opcode));
    message.has_turn = turn_taken_ = true;
  }
  const Next next = connection_.compresses() ? send_pieces(message, ec) : send_frames(message, ec);
  if (next == Next::done) {
    message.has_turn = false;
    return end_turn();
  }
  return next;
}

// In frames of frame_size. The buffer is filled anew when half of it is free: smaller pieces would cost a
// system call each.
Next Session::send_frames(Outgoing& message, std::error_code& ec) noexcept {
  for (;;) {
    if (connection_.state() != protocol::State::open || story_.output_has_failed()) {
      ec = story_.later_code();
      return Next::done;
    }
    const std::size_t rest = message.bytes.size() - message.taken;
    const std::size_t left = connection_.frame_size_left();
    if (left == 0) {
      if (rest == 0) return Next::done;
      if (connection_.waits_for_room() && message.paused_at != message.taken) {
        message.paused_at = message.taken;  // a reply may go between the frames
        return Next::room;
      }
      const std::size_t size = std::min(rest, options_.frame_size);
      if (connection_.begin_frame(size, size == rest) == protocol::Result::would_block) return Next::room;
      continue;
    }
    const std::size_t size = connection_.frame_room();
    if (size < left && size < options_.send_buffer_size / 2) return Next::room;
    if (connection_.append_to_frame(message.bytes.subspan(message.taken, size)) == protocol::Result::accepted)
      message.taken += size;
  }
}

// Compressed, where the size of a frame is known after the fact.
Next Session::send_pieces(Outgoing& message, std::error_code& ec) noexcept {
  const Next next = append(message.bytes, message.taken, ec);
  if (next != Next::done || ec) return next;
  switch (connection_.finish()) {
    case protocol::Result::accepted:
      return Next::done;
    case protocol::Result::would_block:
      return Next::room;
    default:
      ec = story_.later_code();
      return Next::done;
  }
}

void Session::cut_short(Outgoing& message) noexcept {
  message.has_turn = false;
  turn_taken_ = false;
  story_.blame(ClientError::message_cut_short);
  output_failed({});
  input_ended();
}

// --- By pieces ---

Next Session::begin_message(protocol::Opcode opcode, std::error_code& ec) noexcept {
  if (takes_no_more(ec)) return Next::done;
  if (turn_taken_) return Next::turn;
  static_cast<void>(connection_.begin_message(opcode));
  turn_taken_ = true;
  return Next::done;
}

Next Session::append(std::span<const std::byte> piece, std::size_t& taken, std::error_code& ec) noexcept {
  while (taken < piece.size()) {
    if (takes_no_more(ec)) return Next::done;
    const std::size_t size = std::min(piece.size() - taken, connection_.append_room());
    if (size == 0) return Next::room;
    const protocol::Result result = connection_.append(piece.subspan(taken, size));
    if (result == protocol::Result::accepted) {
      taken += size;
    } else if (result == protocol::Result::invalid) {
      ec = ClientError::text_not_utf8;
      return Next::done;
    } else if (result != protocol::Result::dead) {
      return Next::room;
    }
  }
  return Next::done;
}

Next Session::finish(std::error_code& ec) noexcept {
  if (takes_no_more(ec)) return end_turn();
  switch (connection_.finish()) {
    case protocol::Result::accepted:
      return end_turn();
    case protocol::Result::invalid:  // the rest of a code point can still be appended
      ec = ClientError::text_not_utf8;
      return Next::done;
    case protocol::Result::would_block:
    case protocol::Result::too_large:
      return Next::room;
    case protocol::Result::not_open:
    case protocol::Result::dead:
      break;
  }
  ec = story_.later_code();
  return end_turn();
}

void Session::abandon_message() noexcept {
  std::error_code ignored;
  close(CloseCode::going_away, "message abandoned", ignored);
  turn_taken_ = false;
}

Next Session::ping(std::span<const std::byte> payload, std::error_code& ec) noexcept {
  if (payload.size() > protocol::max_control_payload) {
    ec = std::make_error_code(std::errc::invalid_argument);
    return Next::done;
  }
  if (takes_no_more(ec)) return Next::done;
  const protocol::Result result = connection_.ping(payload);
  if (result == protocol::Result::would_block) return Next::room;
  if (result != protocol::Result::accepted) ec = story_.later_code();
  return Next::done;
}

}  // namespace cpwebsockets
