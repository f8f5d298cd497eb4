#include "cpwebsockets/protocol/connection.hpp"

#include <type_traits>

#include "extension_calls.hpp"
#include "plain_message.hpp"

namespace cpwebsockets::protocol {

static_assert(std::is_trivially_destructible_v<Connection>, "a longjmp may cross it");

Connection::Connection(const Config& config) noexcept : config_(config) {
  reset();
}

void Connection::limit_frame_size() noexcept {
  const std::size_t fits = send_.capacity() - max_frame_header;
  frame_limit_ = config_.frame_size == 0 || config_.frame_size > fits ? fits : config_.frame_size;
}

void Connection::reset() noexcept {
  static_cast<ConnectionState&>(*this) = ConnectionState{};
  receive_ = LinearBuffer(config_.receive_buffer);
  send_ = LinearBuffer(config_.send_buffer);
  limit_frame_size();
}

void Connection::use_buffers(std::span<std::byte> receive_buffer, std::span<std::byte> send_buffer) noexcept {
  receive_.move_to(receive_buffer);
  send_.move_to(send_buffer);
  limit_frame_size();
}

// --- Bytes in and out ---

std::span<std::byte> Connection::receive_space() noexcept {
  if (state_ == State::closed && !close_event_due_) receive_.clear();  // nothing more is parsed
  const auto reply_size = static_cast<std::size_t>(frame_remaining_);
  if (receive_waits_for_room_ && !has_control_room(reply_size)) {
    return receive_.pending().first(0);  // not null: memory functions do not take that
  }
  return receive_.space();
}

void Connection::received(std::size_t size) noexcept {
  receive_.commit(size);
  heard_ = heard_ || size > 0;
}

void Connection::received_eof() noexcept {
  eof_ = true;
  if (state_ == State::closed) deadline_ = Time::max();
}

[[gnu::noinline]] void Connection::send_failed() noexcept {
  send_failed_ = true;
  close_frame_due_ = receive_waits_for_room_ = false;
  // Behind a close frame there is nothing: if anything is left of what was to go out, it is.
  if (!send_.empty()) close_.sent = CloseCode::none;
  send_.clear();
}

void Connection::stream_failed(Step step) noexcept {
  if (state_ == State::connecting) fail(Error::stream_not_opened, step, ClosedBy::network);
}

std::uint64_t Connection::payload_outstanding() const noexcept {
  const bool usable = in_frame_ && !is_control(frame_.opcode) && !message_compressed_ && receive_.empty() &&
                      external_.empty() && failure_due_ == Error::none;
  return usable && state_ != State::closed ? frame_remaining_ : 0;
}

void Connection::received_payload(std::span<std::byte> payload) noexcept {
  external_ = payload;
  heard_ = heard_ || !payload.empty();
}

void Connection::sent(std::size_t size) noexcept {
  send_.consume(size);
  if (send_.empty()) send_.clear();
  if (close_frame_due_) tell_failure();
}

// --- Events ---

// Inlined at its one place it would take 170 bytes of flash more, and 20 of stack.
[[gnu::noinline]] Event Connection::next_event() noexcept {
  if (state_ == State::connecting) return (this->*handshake_step_)();
  if (state_ == State::open || state_ == State::closing) return next_frame_event();
  return closed_event();
}

Event Connection::next_frame_event() noexcept {
  Event event;
  while (state_ != State::closed) {
    Progress progress = Progress::again;
    if (failure_due_ != Error::none) {
      violate(failure_due_);
    } else if (!in_frame_) {
      progress = begin_frame();
    } else {
      progress = is_control(frame_.opcode) ? next_control(event) : next_part(event);
    }
    if (state_ == State::closed || progress == Progress::again) continue;
    // What is still unparsed at the end is cut off for good; a reply that waits for room is not.
    if (progress == Progress::event || !eof_ || receive_waits_for_room_) return event;
    fail(Error::connection_lost, Step::frame, ClosedBy::network);
  }
  return closed_event();
}

bool take_whole_message(std::span<std::byte>& input, std::uint64_t limit, MessagePart& message) noexcept {
  return take_plain_message(input, limit, message);
}

std::span<std::byte> Connection::unframed_input() noexcept {
  const bool is_between_messages = !in_frame_ && !message_started_ && role_ == Role::client &&
                                   failure_due_ == Error::none &&
                                   (state_ == State::open || state_ == State::closing);
  return is_between_messages ? receive_.pending() : std::span<std::byte>{};
}

bool Connection::take_whole_message(MessagePart& message) noexcept {
  std::span<std::byte> input = unframed_input();
  const std::size_t size = input.size();
  if (!protocol::take_whole_message(input, max_whole_message(), message)) return false;
  skip(size - input.size());
  return true;
}

bool Connection::message_is_next() const noexcept {
  if ((state_ != State::open && state_ != State::closing) || failure_due_ != Error::none) return false;
  if (in_frame_) return !is_control(frame_.opcode);
  return !receive_.empty() && (receive_.pending().front() & std::byte{0x08}) == std::byte{0};
}

bool Connection::control_frame_is_next() noexcept {
  if (state_ != State::open && state_ != State::closing) return false;
  if (failure_due_ != Error::none) return false;
  if (!in_frame_ && begin_frame() != Progress::again) return false;
  return in_frame_ && is_control(frame_.opcode) && receive_.size() >= frame_remaining_;
}

Connection::Progress Connection::begin_frame() noexcept {
  const FrameRules rules{role_ == Role::server, extension_active_, message_started_};
  const ParsedFrameHeader parsed = parse_frame_header(receive_.pending(), rules, frame_);
  if (parsed.error != Error::none) {
    violate(parsed.error);
    return Progress::need_input;
  }
  if (parsed.size == 0) return Progress::need_input;

  if (!is_control(frame_.opcode)) {
    if (!message_started_) {
      message_size_ = 0;
      message_compressed_ = frame_.rsv1;
    }
    // The limits come before the first byte of payload. Inflated bytes are counted while inflating.
    const bool frame_too_big = frame_.payload_length > config_.max_frame_size;
    const bool message_too_big =
        !message_compressed_ && frame_.payload_length > config_.max_message_size - message_size_;
    if (frame_too_big || message_too_big) {
      violate(frame_too_big ? Error::frame_too_big : Error::message_too_big);
      return Progress::need_input;
    }
    if (!message_compressed_) message_size_ += frame_.payload_length;
    if (!message_started_) {
      message_started_ = true;
      part_due_first_ = true;
      message_opcode_ = frame_.opcode;
      received_text_.reset();
    }
  }
  receive_.consume(parsed.size);
  frame_remaining_ = frame_.payload_length;
  in_frame_ = true;
  return Progress::again;
}

// --- Data ---

std::span<std::byte> Connection::available_payload() noexcept {
  const std::span<std::byte> bytes = external_.empty() ? receive_.pending() : external_;
  return bytes.size() > frame_remaining_ ? bytes.first(static_cast<std::size_t>(frame_remaining_)) : bytes;
}

void Connection::take_payload(std::size_t size) noexcept {
  frame_remaining_ -= size;
  if (external_.empty()) {
    receive_.consume(size);
  } else {
    external_ = external_.subspan(size);
  }
}

Connection::Progress Connection::next_part(Event& event) noexcept {
  const std::span<std::byte> bytes = available_payload();
  if (message_compressed_) return config_.extension->connection_.next_part(*this, bytes, event);
  if (bytes.empty() && frame_remaining_ > 0) return Progress::need_input;

  if (frame_.masked) {
    mask(bytes, bytes.data(), frame_.masking_key,
         static_cast<std::size_t>((frame_.payload_length - frame_remaining_) & 3));
  }
  take_payload(bytes.size());
  const bool frame_ended = frame_remaining_ == 0;
  in_frame_ = !frame_ended;
  return deliver(bytes, frame_ended && frame_.fin, event);
}

Connection::Progress Connection::deliver(std::span<const std::byte> bytes, bool last, Event& event) noexcept {
  if (message_opcode_ == Opcode::text) {
    // RFC 6455 §8.1: what came before the first impossible byte is delivered, for every way to cut the input.
    const std::size_t valid = received_text_.consume(bytes);
    if (valid < bytes.size() || (last && !received_text_.complete())) {
      bytes = bytes.first(valid);
      last = false;
      failure_due_ = Error::invalid_utf8;
    }
  }
  if (last) message_started_ = false;
  if (bytes.empty() && !last) return Progress::again;
  event.emplace<MessagePart>(MessagePart{message_opcode_, part_due_first_, last, bytes});
  part_due_first_ = false;
  return Progress::event;
}

// --- Control frames ---

Connection::Progress Connection::next_control(Event& event) noexcept {
  receive_waits_for_room_ = false;
  if (receive_.size() < frame_remaining_) return Progress::need_input;
  const auto size = static_cast<std::size_t>(frame_remaining_);
  const std::span<std::byte> payload = receive_.pending().first(size);

  // A reply needs room in the send buffer; until there is some, the frame stays where it is.
  const bool replies = !send_failed_ && ((frame_.opcode == Opcode::ping && state_ == State::open) ||
                                         (frame_.opcode == Opcode::close && close_.sent == CloseCode::none));
  if (replies && !has_control_room(size)) {
    receive_waits_for_room_ = true;
    return Progress::need_input;
  }
  if (frame_.masked) mask(payload, payload.data(), frame_.masking_key);
  in_frame_ = false;

  if (frame_.opcode == Opcode::close) {
    on_close_frame(payload);
    return Progress::need_input;
  }
  receive_.consume(size);
  if (frame_.opcode == Opcode::ping) {
    // §5.5.2: answered at once, unless a close frame has been sent.
    if (replies && write_control(Opcode::pong, payload) != Result::accepted) return Progress::need_input;
    event.emplace<Ping>().payload = payload;
  } else {
    Pong& pong = event.emplace<Pong>();
    pong.payload = payload;
    if (round_trip_.end(payload, now_)) pong.round_trip = round_trip_.duration();
  }
  return Progress::event;
}

void Connection::on_close_frame(std::span<const std::byte> payload) noexcept {
  CloseCode code = CloseCode::no_status_received;
  std::span<const std::byte> reason;
  Error error = Error::none;
  if (payload.size() == 1) error = Error::close_payload_length;
  if (payload.size() >= 2) {
    code = static_cast<CloseCode>(std::to_integer<unsigned>(payload[0]) << 8 |
                                  std::to_integer<unsigned>(payload[1]));
    reason = payload.subspan(2);
    if (!is_valid_on_wire(code)) {
      error = Error::close_code_invalid;
    } else if (!is_valid_utf8(reason)) {
      error = Error::invalid_utf8;
    }
  }
  if (error != Error::none) {
    fail(error, Step::close, ClosedBy::us);
    return;
  }

  close_.received = code;
  if (close_.by == ClosedBy::nobody) close_.by = ClosedBy::peer;
  // §5.5.1: echoed, and there is room.
  if (close_.by == ClosedBy::peer && !send_failed_) static_cast<void>(write_close(code, {}));
  const std::span<const std::byte> kept = receive_.retire(reason);
  close_.reason = {reinterpret_cast<const char*>(kept.data()), kept.size()};
  enter_closed();
}

// --- Ending ---

void Connection::fail(Error error, Step step, ClosedBy by) noexcept {
  close_.error = error;
  close_.step = step;
  if (close_.by == ClosedBy::nobody) close_.by = by;
  // RFC 6455 §7.1.7: once open, the peer is told why, unless a close frame has been sent or nobody listens.
  const bool tells = state_ == State::open && by == ClosedBy::us && !send_failed_;
  state_ =
      State::closed;  // first: a source of randomness that fails for the close frame must not come back here
  if (tells) tell_failure();
  enter_closed();
}

// Inside a frame of known size there is never room for it.
void Connection::tell_failure() noexcept {
  close_frame_due_ = write_close(close_code_for(close_.error), {}) == Result::would_block;
}

void Connection::enter_closed() noexcept {
  state_ = State::closed;
  close_event_due_ = true;
  receive_waits_for_room_ = false;
  in_frame_ = false;
  external_ = {};
  deadline_ = Time::max();
  // RFC 6455 §7.1.1: after a clean closing handshake the server ends the stream first, and only a client
  // waits for that.
  if (role_ != Role::client || !close_.clean()) eof_ = true;
  if (!eof_) start_timer(config_.close_timeout);
}

// The Closed event if it is due, else none.
Event Connection::closed_event() noexcept {
  Event event;
  if (close_event_due_) event.emplace<Closed>().info = close_;
  close_event_due_ = false;
  return event;
}

Transport Connection::transport() const noexcept {
  if (state_ != State::closed) return Transport::keep_open;
  return eof_ ? Transport::close : Transport::await_eof;
}

}  // namespace cpwebsockets::protocol
