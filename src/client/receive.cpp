// Receiving: events to messages, and the one place that waits for input.
#include <algorithm>
#include <cstring>

#include "client_core.hpp"

namespace cpwebsockets {
namespace {

// A message of at most this size is allocated as soon as it is announced; a larger one grows as its bytes
// come, so that an announcement alone costs a peer as much as it costs us.
constexpr std::size_t trusted_allocation = 1U << 20;

// When messages are larger than the receive buffer, the next header is read with little of its payload behind
// it: the rest goes straight to the message.
constexpr std::size_t header_read_size = 256;

}  // namespace

protocol::Time ClientCore::now() const noexcept {
  return protocol::Time(
      std::chrono::duration_cast<protocol::Duration>(transport::Clock::now().time_since_epoch()));
}

void ClientCore::let_time_pass() noexcept {
  last_time_ = now();
  connection_.poll(last_time_);
}

// --- Messages ---

void ClientCore::start_receiving() noexcept {
  view_handed_out_ = false;
  if (message_handed_out_) {
    message_.clear();
    message_handed_out_ = false;
  }
}

// The usual cases first, in few instructions: a whole message
// is in the buffer already, or comes with one read.
std::optional<MessageView> ClientCore::receive_view(const Wait& wait, std::error_code& ec) {
  int found = nobody;
  if (reader_.compare_exchange_strong(found, receiver, std::memory_order_acquire)) {
    protocol::MessagePart message;
    bool taken = false;
    if (message_.size() == 0) {
      mutex_.lock();
      taken = connection_.take_whole_message(message);
      if (!taken && !wait.timeout && !wait.stop.stop_possible() && connection_.needs_input()) {
        taken = read_unhurried() && connection_.take_whole_message(message);
      }
      mutex_.unlock();
    }
    if (taken) view_handed_out_ = true;
    reader_.store(nobody, std::memory_order_release);
    if (taken) {
      if (ec) ec.clear();
      return MessageView{message.opcode == protocol::Opcode::text, message.bytes};
    }
  }
  return receive_waiting(wait, ec);
}

// One read that may wait, with nothing else to do meanwhile: nothing to send, no limit but the core's.
bool ClientCore::read_unhurried() noexcept {
  if (!connection_.to_send().empty() || closed_ || !stream_->can_read_within()) return false;
  const std::span<std::byte> space = buffer_space();
  const protocol::Duration limit = std::min(connection_.next_deadline() - last_time_, longest_read());
  mutex_.unlock();
  const transport::IoResult result = stream_->read_within(space, limit, false);
  mutex_.lock();
  accept_input(result, space, false);
  let_time_pass();
  return result.status == transport::IoStatus::ok;
}

std::optional<MessageView> ClientCore::receive_waiting(const Wait& wait, std::error_code& ec) {
  ec.clear();
  const ReceiverPlace place(*this, receiver);
  if (!place.mine()) {
    ec = std::make_error_code(std::errc::operation_in_progress);
    return std::nullopt;
  }
  start_receiving();
  const Deadline deadline = deadline_for(wait, std::chrono::milliseconds::max());
  Lock lock(mutex_);
  if (connection_.needs_input() && !closed_ && !receive_more(lock, ReadInto::message, deadline, ec))
    return std::nullopt;
  protocol::MessagePart part;
  while (next_part(lock, ReadInto::message, deadline, part, ec)) {
    const bool is_text = part.opcode == protocol::Opcode::text;
    if (part.first && part.last) {
      view_handed_out_ = true;
      return MessageView{is_text, part.bytes};
    }
    if (!collect(part, ec)) break;
    if (part.last) {
      message_handed_out_ = true;
      last_was_large_ = message_.size() >= options_.receive_buffer_size;
      return MessageView{is_text, message_.bytes()};
    }
  }
  return std::nullopt;
}

std::optional<Message> ClientCore::receive(const Wait& wait, std::error_code& ec) {
  const std::optional<MessageView> view = receive_view(wait, ec);
  if (!view) return std::nullopt;
  ByteBuffer payload;
  if (message_handed_out_) {
    payload = std::move(message_);
    message_handed_out_ = false;
  } else {
    if (!payload.reserve(view->bytes.size())) {
      ec = std::make_error_code(std::errc::not_enough_memory);
      return std::nullopt;
    }
    if (!view->bytes.empty()) std::memcpy(payload.data(), view->bytes.data(), view->bytes.size());
    payload.commit(view->bytes.size());
    view_handed_out_ = false;
  }
  return Message(view->is_text, std::move(payload));
}

std::optional<MessagePart> ClientCore::receive_part(const Wait& wait, std::error_code& ec) {
  ec.clear();
  const ReceiverPlace place(*this, receiver);
  if (!place.mine()) {
    ec = std::make_error_code(std::errc::operation_in_progress);
    return std::nullopt;
  }
  start_receiving();
  if (message_.size() > 0) {
    // A receive() that timed out has collected the beginning of this message.
    message_handed_out_ = true;
    return MessagePart{message_is_text_, true, false, message_.bytes()};
  }
  const Deadline deadline = deadline_for(wait, std::chrono::milliseconds::max());
  Lock lock(mutex_);
  protocol::MessagePart part;
  if (!next_part(lock, ReadInto::buffer, deadline, part, ec)) return std::nullopt;
  view_handed_out_ = true;
  return MessagePart{part.opcode == protocol::Opcode::text, part.first, part.last, part.bytes};
}

// Waits for the next piece of a message; false at the end of the connection or with an error.
bool ClientCore::next_part(Lock& lock, ReadInto into, const Deadline& deadline, protocol::MessagePart& part,
                           std::error_code& ec) {
  for (;;) {
    if (connection_.take_whole_message(part)) return true;
    const protocol::Event event = connection_.next_event();
    if (const auto* next = std::get_if<protocol::MessagePart>(&event)) {
      part = *next;
      return true;
    }
    if (const auto* closed = std::get_if<protocol::Closed>(&event)) {
      on_closed(*closed);
    }
    if (closed_) {
      end_stream(lock);
      ec = info_.failure.code;
      return false;
    }
    if (std::holds_alternative<std::monostate>(event) && !receive_more(lock, into, deadline, ec))
      return false;
  }
}

// Adds a piece to message_, where it may lie already.
bool ClientCore::collect(const protocol::MessagePart& part, std::error_code& ec) {
  if (part.first) message_is_text_ = part.opcode == protocol::Opcode::text;
  if (part.bytes.data() == message_.space().data()) {
    message_.commit(part.bytes.size());
    return true;
  }
  const std::size_t needed = message_.size() + part.bytes.size();
  if (needed > message_.capacity() && !message_.reserve(std::max(needed, 2 * message_.capacity()))) {
    ec = std::make_error_code(std::errc::not_enough_memory);
    std::error_code ignored;
    static_cast<void>(connection_.close(CloseCode::message_too_big));
    flush_now(ignored);
    return false;
  }
  if (!part.bytes.empty()) std::memcpy(message_.space().data(), part.bytes.data(), part.bytes.size());
  message_.commit(part.bytes.size());
  return true;
}

// --- Input ---

// Room for payload behind what message_ holds; empty when memory is out, and then the receive buffer does.
std::span<std::byte> ClientCore::direct_space(std::uint64_t outstanding) noexcept {
  const std::uint64_t wanted = message_.size() + outstanding;
  if (wanted > message_.capacity()) {
    const std::uint64_t cautious = std::max<std::uint64_t>(2 * message_.size(), trusted_allocation);
    const auto capacity = static_cast<std::size_t>(std::min(wanted, cautious));
    if (capacity > message_.capacity() && !message_.reserve(capacity)) return {};
  }
  const std::span<std::byte> space = message_.space();
  return space.first(static_cast<std::size_t>(std::min<std::uint64_t>(space.size(), outstanding)));
}

std::span<std::byte> ClientCore::buffer_space() noexcept {
  const std::span<std::byte> space = connection_.receive_space();
  return last_was_large_ ? space.first(std::min(space.size(), header_read_size)) : space;
}

void ClientCore::accept_input(const transport::IoResult& result, std::span<std::byte> space,
                              bool direct) noexcept {
  if (result.status == transport::IoStatus::ok) {
    const std::span<std::byte> bytes = space.first(result.size);
    tap(Direction::received, bytes);
    if (direct) {
      connection_.received_payload(bytes);
    } else {
      connection_.received(result.size);
    }
  } else if (result.status == transport::IoStatus::eof || result.status == transport::IoStatus::error) {
    read_error_ = result.error;
    connection_.received_eof();
  }
}

// Reads once, waiting if it must, and lets time pass. False: the deadline came, or stop was requested.
bool ClientCore::receive_more(Lock& lock, ReadInto into, const Deadline& deadline, std::error_code& ec) {
  bool flushed = connection_.to_send().empty();
  if (!flushed) {  // replies and batches leave before any wait
    std::error_code write_error;
    flushed = flush_now(write_error) || write_error;
  }

  const std::uint64_t outstanding = into == ReadInto::message ? connection_.payload_outstanding() : 0;
  std::span<std::byte> space = outstanding > 0 ? direct_space(outstanding) : std::span<std::byte>{};
  const bool direct = !space.empty();
  if (!direct) space = buffer_space();

  // Telling the time costs more than all else here: the core's
  // deadline is measured from when it was told last.
  const protocol::Time core_deadline = connection_.next_deadline();
  transport::IoResult result{transport::IoStatus::want_read, 0, {}};
  if (!space.empty()) {
    if (flushed && stream_->can_read_within() && !deadline.stop.stop_possible()) {
      protocol::Duration limit = longest_read();
      if (core_deadline != protocol::Time::max()) {
        limit = std::min(limit, core_deadline - last_time_);
      }
      if (deadline.at != transport::Clock::time_point::max()) {
        limit = std::min(limit, std::chrono::ceil<protocol::Duration>(deadline.at - transport::Clock::now()));
      }
      lock.unlock();
      result = stream_->read_within(space, limit, direct);
      lock.lock();
    } else {
      result = stream_->read(space);
    }
  }
  accept_input(result, space, direct);
  let_time_pass();
  const bool blocked =
      result.status == transport::IoStatus::want_read || result.status == transport::IoStatus::want_write;
  if (!blocked || connection_.state() == protocol::State::closed) return true;

  transport::Ready events = flushed ? transport::Ready::none : transport::Ready::write;
  if (!space.empty()) {
    const bool wants_write = result.status == transport::IoStatus::want_write;
    events = events | (wants_write ? transport::Ready::write : transport::Ready::read);
  }
  Deadline until = deadline;
  until.at = std::min(until.at, transport::Clock::now() + longest_read());
  if (core_deadline != protocol::Time::max()) {
    until.at = std::min(until.at, transport::Clock::time_point(core_deadline.time_since_epoch()));
  }
  lock.unlock();
  ec = transport::wait_for(stream_->handle(), events, until);
  lock.lock();
  if (ec == std::errc::timed_out && !deadline.passed()) ec.clear();  // it was the core's time
  let_time_pass();
  return !ec;
}

}  // namespace cpwebsockets
