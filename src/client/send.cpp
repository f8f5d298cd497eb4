// Sending: messages to the connection's send buffer, and that to the stream.
#include <algorithm>

#include "client_core.hpp"

namespace cpwebsockets {
namespace {

constexpr std::size_t batch_size = 16U << 10;  // bytes that a batch gathers at most
constexpr std::chrono::milliseconds stop_check_interval{50};
constexpr std::chrono::milliseconds longest_listening{10};  // then a receiver may have the place

}  // namespace

// --- Flushing ---

// Writes what the socket takes without waiting. True when nothing is left.
bool ClientCore::flush_now(std::error_code& ec) noexcept {
  for (;;) {
    const std::span<const std::byte> bytes = connection_.to_send();
    if (bytes.empty()) return true;
    if (write_error_) {
      ec = write_error_;
      return false;
    }
    const transport::IoResult result = stream_->write(bytes);
    if (result.status == transport::IoStatus::ok) {
      tap(Direction::sent, bytes.first(result.size));
      connection_.sent(result.size);
    } else if (result.status == transport::IoStatus::want_read ||
               result.status == transport::IoStatus::want_write) {
      return false;
    } else {
      write_error_ = result.error ? result.error : std::make_error_code(std::errc::broken_pipe);
    }
  }
}

bool ClientCore::flush(Lock& lock, const Deadline& deadline, std::error_code& ec) {
  while (!flush_now(ec)) {
    if (ec || !await_writable(lock, deadline, ec)) return false;
  }
  return true;
}

// Flushes what was accepted as a whole. What the socket does not take before the wait ends leaves with the
// next calls: an error would make the caller send it again.
void ClientCore::flush_accepted(Lock& lock, const Deadline& deadline, std::error_code& ec) {
  flush(lock, deadline, ec);
  if (ec == std::errc::timed_out || ec == std::errc::operation_canceled) ec.clear();
}

// Waits until the socket takes more, or for a moment. Meanwhile pings are answered, if nobody else receives
// and no view of the receive buffer is with the user: a long send must not look like a dead client.
bool ClientCore::await_writable(Lock& lock, const Deadline& deadline, std::error_code& ec) {
  std::optional<ReceiverPlace> place;
  if (receivers_wanting_ == 0) place.emplace(*this, waiting_sender);
  const bool listens = place && place->mine() && !view_handed_out_;
  const std::span<std::byte> space = listens ? connection_.receive_space() : std::span<std::byte>{};
  const auto events = space.empty() ? transport::Ready::write : transport::Ready::both;
  Deadline until = deadline;
  if (place && place->mine()) until.at = std::min(until.at, transport::Clock::now() + longest_listening);
  lock.unlock();
  ec = transport::wait_for(stream_->handle(), events, until);
  lock.lock();
  if (ec == std::errc::timed_out && !deadline.passed()) ec.clear();
  if (ec) return false;
  if (!space.empty()) {
    accept_input(stream_->read(space), space, false);
    let_time_pass();
    answer_control_frames();
  }
  return true;
}

void ClientCore::answer_control_frames() noexcept {
  while (connection_.control_frame_is_next()) {
    const protocol::Event event = connection_.next_event();
    if (const auto* closed = std::get_if<protocol::Closed>(&event)) on_closed(*closed);
    if (std::holds_alternative<std::monostate>(event)) return;  // its reply waits for room
  }
}

void ClientCore::dead(std::error_code& ec) const {
  ec = info_.failure.code;
  if (!ec) ec = write_error_;
  if (!ec) ec = std::make_error_code(std::errc::not_connected);
}

// --- Messages ---

// Waits until no other sender is inside a message, or the connection has ended: the call then finds out.
bool ClientCore::await_turn(Lock& lock, const Deadline& deadline, std::error_code& ec) {
  while (message_begun_ && connection_.state() == protocol::State::open) {
    if (deadline.stop.stop_requested()) {
      ec = std::make_error_code(std::errc::operation_canceled);
      return false;
    }
    if (deadline.passed()) {
      ec = std::make_error_code(std::errc::timed_out);
      return false;
    }
    turn_cv_.wait_until(lock, std::min(deadline.at, transport::Clock::now() + stop_check_interval));
  }
  return true;
}

void ClientCore::end_turn() noexcept {
  message_begun_ = false;
  turn_cv_.notify_all();
}

void ClientCore::send(protocol::Opcode opcode, std::span<const std::byte> bytes, const Wait& wait,
                      std::error_code& ec) {
  if (ec) ec.clear();
  Lock lock(mutex_);
  const bool taken =
      !message_begun_ && !write_error_ && connection_.send(opcode, bytes) == protocol::Result::accepted;
  if (!taken) return send_waiting(lock, opcode, bytes, wait, ec);
  if (corked_.load(std::memory_order_relaxed) > 0 && connection_.to_send().size() < batch_size) return;
  if (flush_now(ec) || ec) return;
  flush_accepted(lock, deadline_for(wait, options_.send_timeout), ec);
}

// The same where there was no room, no turn, or something wrong.
void ClientCore::send_waiting(Lock& lock, protocol::Opcode opcode, std::span<const std::byte> bytes,
                              const Wait& wait, std::error_code& ec) {
  const Deadline deadline = deadline_for(wait, options_.send_timeout);
  for (;;) {
    if (write_error_) return dead(ec);
    if (!await_turn(lock, deadline, ec)) return;
    switch (connection_.send(opcode, bytes)) {
      case protocol::Result::accepted:
        return flush_accepted(lock, deadline, ec);
      case protocol::Result::would_block:
        if (!flush_now(ec) && (ec || !await_writable(lock, deadline, ec))) return;
        break;
      case protocol::Result::too_large:
        return send_by_pieces(lock, opcode, bytes, deadline, ec);
      case protocol::Result::invalid:
        ec = protocol::Error::invalid_utf8;
        return;
      case protocol::Result::not_open:
      case protocol::Result::dead:
        return dead(ec);
    }
  }
}

void ClientCore::send_by_pieces(Lock& lock, protocol::Opcode opcode, std::span<const std::byte> bytes,
                                const Deadline& deadline, std::error_code& ec) {
  if (opcode == protocol::Opcode::text && !protocol::is_valid_utf8(bytes)) {
    ec = protocol::Error::invalid_utf8;
    return;
  }
  static_cast<void>(connection_.begin_message(opcode));
  message_begun_ = true;
  append_pieces(lock, bytes, true, deadline, ec);
  end_turn();
  if (!ec) return;
  // Half a message cannot be taken back: nothing that follows would make sense to the server.
  write_error_ = ec;
  stream_->abort();
  connection_.received_eof();
}

// Sends `piece` as the buffer has room; returns how much was taken.
std::size_t ClientCore::append_pieces(Lock& lock, std::span<const std::byte> piece, bool last,
                                      const Deadline& deadline, std::error_code& ec) {
  std::size_t taken = 0;
  bool finished = !last;
  while (taken < piece.size() || !finished) {
    if (write_error_) {
      dead(ec);
      return taken;
    }
    const std::span<const std::byte> rest = piece.subspan(taken);
    const std::size_t size = std::min(rest.size(), connection_.append_room());
    const bool ends = last && size == rest.size();
    protocol::Result result = protocol::Result::would_block;
    if (ends) {
      result = connection_.finish(rest);
    } else if (size > 0) {
      result = connection_.append(rest.first(size));
    } else if (connection_.state() != protocol::State::open) {
      result = protocol::Result::dead;
    }
    if (result == protocol::Result::accepted) {
      taken += size;
      finished = finished || ends;
    } else if (result == protocol::Result::dead) {
      dead(ec);
      return taken;
    } else if (result == protocol::Result::invalid) {
      ec = protocol::Error::invalid_utf8;
      return taken;
    }
    // The last bytes may stay behind like those of any accepted message; before that, room is needed.
    const bool done = taken == piece.size() && finished;
    if (!flush_now(ec) && (ec || (!done && !await_writable(lock, deadline, ec)))) return taken;
  }
  return taken;
}

bool ClientCore::begin_message(protocol::Opcode opcode, const Wait& wait, std::error_code& ec) {
  ec.clear();
  Lock lock(mutex_);
  if (!await_turn(lock, deadline_for(wait, options_.send_timeout), ec)) return false;
  if (write_error_ || connection_.begin_message(opcode) != protocol::Result::accepted) {
    dead(ec);
    return false;
  }
  message_begun_ = true;
  return true;
}

std::size_t ClientCore::append(std::span<const std::byte> piece, const Wait& wait, std::error_code& ec) {
  ec.clear();
  Lock lock(mutex_);
  return append_pieces(lock, piece, false, deadline_for(wait, options_.send_timeout), ec);
}

// False when it can be repeated: after a wait, or, if the text ends inside a code point, after the rest of
// it.
bool ClientCore::finish(const Wait& wait, std::error_code& ec) {
  ec.clear();
  Lock lock(mutex_);
  append_pieces(lock, {}, true, deadline_for(wait, options_.send_timeout), ec);
  const bool goes_on = ec == std::errc::timed_out || ec == std::errc::operation_canceled ||
                       ec == protocol::Error::invalid_utf8;
  if (!goes_on) end_turn();
  return !goes_on;
}

// A message cannot be taken back: the connection ends with it.
void ClientCore::abandon_message() noexcept {
  std::error_code ignored;
  close(static_cast<std::uint16_t>(CloseCode::going_away), "message abandoned", {}, ignored);
  const Lock lock(mutex_);
  end_turn();
}

void ClientCore::uncork() noexcept {
  if (--corked_ > 0) return;
  Lock lock(mutex_);
  std::error_code ignored;  // a stream that takes no more shows in the next call
  if (stream_ && !stream_ended_) flush(lock, deadline_for({}, options_.send_timeout), ignored);
}

void ClientCore::ping(std::span<const std::byte> payload, const Wait& wait, std::error_code& ec) {
  ec.clear();
  const Deadline deadline = deadline_for(wait, options_.send_timeout);
  Lock lock(mutex_);
  for (;;) {
    if (write_error_) return dead(ec);
    let_time_pass();
    const protocol::Result result = connection_.ping(payload);
    if (result == protocol::Result::dead) return dead(ec);
    if (result == protocol::Result::invalid) {
      ec = std::make_error_code(std::errc::invalid_argument);
      return;
    }
    if (result == protocol::Result::accepted) break;
    if (!flush_now(ec) && (ec || !await_writable(lock, deadline, ec))) return;
  }
  flush_accepted(lock, deadline, ec);
}

}  // namespace cpwebsockets
