// Receiving: events to messages.
#include <algorithm>
#include <cstring>
#include <new>

#include "session.hpp"

namespace cpwebsockets {
namespace {

// A message of at most this size is allocated as soon as it is announced; a larger one grows as its bytes
// come, so that an announcement alone costs a peer as much as it costs us.
constexpr std::size_t trusted_allocation = 1U << 20;

}  // namespace

void Session::begin_receiving() noexcept {
  view_handed_out_ = false;
  viewed_buffer_.reset();
  if (message_handed_out_) {
    message_.clear();
    message_handed_out_ = false;
  }
}

// Tells the core of the messages that were taken without it.
void Session::settle() noexcept {
  if (ready_size_ > 0) connection_.skip(ready_size_ - ready_.size());
  ready_ = {};
  ready_size_ = 0;
}

std::span<std::byte> Session::idle_space() noexcept {
  settle();
  begin_receiving();
  const bool has_other_work = input_ended_ | close_wanted_ | part_handed_out_;
  if (has_other_work || has_ended() || output_has_failed() || !to_send().empty()) return {};
  reads_direct_ = false;
  growing_checked_ = 0;
  return read_space_ = limited(connection_.idle_space());
}

// Whether what has come may be taken without the core.
bool Session::find_ready() noexcept {
  ready_ = connection_.unframed_input();
  ready_size_ = ready_.size();
  return ready_size_ > 0;
}

bool Session::take_first(MessageView& message) noexcept {
  return find_ready() && take_whole(message);
}

Next Session::next_message(std::optional<MessageView>& message, std::error_code& ec) noexcept {
  settle();
  if (connection_.needs_input() && !has_ended()) return Next::input;
  if (part_handed_out_) {
    ec = ClientError::message_in_parts;
    return Next::done;
  }
  if (find_ready()) {
    const protocol::PlainMessage plain = protocol::plain_message_at(ready_);
    if (plain.header_size > 0) {
      if (grows_in_place(plain)) {
        settle();
        return Next::input;
      }
      if (take_grown(plain, message.emplace()) || take_whole(*message)) {
        growing_checked_ = 0;
        return Next::done;
      }
      message.reset();
    }
    settle();
  }
  growing_checked_ = 0;
  while (!has_ended()) {
    const protocol::Event event = connection_.next_event();
    const auto* const part = std::get_if<protocol::MessagePart>(&event);
    if (part == nullptr) {
      if (!on_event(event)) return Next::input;
      continue;
    }
    if (story_.is_blamed()) continue;
    if (part->first) message_is_text_ = part->opcode == protocol::Opcode::text;
    if (part->first && part->last) {
      view_handed_out_ = true;
      message.emplace(MessageView{message_is_text_, part->bytes});
      return Next::done;
    }
    if (!collect(*part)) {
      message_ = ByteBuffer();
      end_for_want_of_memory();
    } else if (part->last) {
      message_handed_out_ = true;
      last_was_large_ = message_.size() >= receive_capacity_;
      message.emplace(MessageView{message_is_text_, message_.bytes()});
      return Next::done;
    } else if (connection_.payload_outstanding() > 0) {
      return Next::input;
    }
  }
  ec = story_.end_code();
  return Next::done;
}

// Whether a message that a read has cut is left in the receive buffer until the rest of it has come: if it
// fits there whole, that saves a copy. Its text is judged as it comes (RFC 6455 §8.1).
bool Session::grows_in_place(const protocol::PlainMessage& plain) noexcept {
  const std::size_t whole = plain.header_size + plain.size;
  if (whole <= ready_.size() || input_ended_ || whole > receive_capacity_ ||
      plain.size > connection_.max_whole_message())
    return false;
  if (plain.opcode == protocol::Opcode::text) {
    if (growing_checked_ == 0) growing_.reset();
    const std::span<const std::byte> fresh = ready_.subspan(plain.header_size + growing_checked_);
    if (growing_.consume(fresh) < fresh.size()) return false;
    growing_checked_ += fresh.size();
  }
  last_was_large_ = false;
  return true;
}

// The text that has grown there, whole and without a look at what was judged before. False for any other, and
// for one that turns out not to be UTF-8.
bool Session::take_grown(const protocol::PlainMessage& plain, MessageView& message) noexcept {
  if (growing_checked_ == 0 || plain.header_size + plain.size > ready_.size()) return false;
  const std::span<const std::byte> bytes = ready_.subspan(plain.header_size, plain.size);
  const std::span<const std::byte> fresh = bytes.subspan(growing_checked_);
  if (growing_.consume(fresh) < fresh.size() || !growing_.complete()) return false;
  ready_ = ready_.subspan(plain.header_size + plain.size);
  view_handed_out_ = true;
  message = {true, bytes};
  return true;
}

Next Session::next_part(std::optional<MessagePart>& part, std::error_code& ec) noexcept {
  settle();
  growing_checked_ = 0;
  if (message_.size() > 0) {
    // A next_message() that ended early has collected the beginning of this message.
    message_handed_out_ = part_handed_out_ = true;
    part = MessagePart{message_is_text_ ? protocol::Opcode::text : protocol::Opcode::binary, true, false,
                       message_.bytes()};
    return Next::done;
  }
  while (!has_ended()) {
    const protocol::Event event = connection_.next_event();
    if (const auto* next = std::get_if<protocol::MessagePart>(&event)) {
      part = *next;
      view_handed_out_ = true;
      part_handed_out_ = !next->last;
      return Next::done;
    }
    if (!on_event(event)) return Next::input;
  }
  part_handed_out_ = false;
  ec = story_.end_code();
  return Next::done;
}

// False when there was no event.
bool Session::on_event(const protocol::Event& event) noexcept {
  if (const auto* closed = std::get_if<protocol::Closed>(&event)) on_closed(closed->info);
  return !std::holds_alternative<std::monostate>(event);
}

// --- For those who do not take messages ---

bool Session::may_listen() noexcept {
  settle();
  return !has_ended() && !connection_.message_is_next() && keep_view();
}

void Session::listen() noexcept {
  while (!has_ended() && !connection_.message_is_next()) {
    growing_checked_ = 0;
    if (!on_event(connection_.next_event())) return;
  }
}

// A view of the receive buffer keeps that buffer; reading goes on in another. False when memory is out.
bool Session::keep_view() noexcept {
  if (!view_handed_out_) return true;
  std::unique_ptr<std::byte[]> buffer(new (std::nothrow) std::byte[receive_capacity_]);
  if (!buffer) return false;
  connection_.use_buffers({buffer.get(), receive_capacity_}, {send_buffer_.get(), options_.send_buffer_size});
  viewed_buffer_ = std::exchange(receive_buffer_, std::move(buffer));
  view_handed_out_ = false;
  return true;
}

// --- Messages that are not in one piece in the receive buffer ---

// Adds a piece to message_, where it may lie already.
bool Session::collect(const protocol::MessagePart& part) noexcept {
  if (part.bytes.data() == message_.space().data()) {
    message_.commit(part.bytes.size());
    return true;
  }
  const std::size_t needed = message_.size() + part.bytes.size();
  if (needed > message_.capacity() && !message_.reserve(std::max(needed, 2 * message_.capacity())))
    return false;
  if (!part.bytes.empty()) std::memcpy(message_.space().data(), part.bytes.data(), part.bytes.size());
  message_.commit(part.bytes.size());
  return true;
}

// Room for payload behind what message_ holds; empty when memory is out, and then the receive buffer does.
std::span<std::byte> Session::direct_space(std::uint64_t outstanding) noexcept {
  const std::uint64_t wanted = message_.size() + outstanding;
  if (wanted > message_.capacity()) {
    const std::uint64_t cautious = std::max<std::uint64_t>(2 * message_.size(), trusted_allocation);
    const auto capacity = static_cast<std::size_t>(std::min(wanted, cautious));
    if (capacity > message_.capacity() && !message_.reserve(capacity)) return {};
  }
  const std::span<std::byte> space = message_.space();
  return space.first(static_cast<std::size_t>(std::min<std::uint64_t>(space.size(), outstanding)));
}

std::optional<ByteBuffer> Session::take_payload(const MessageView& message) noexcept {
  ByteBuffer payload;
  if (message_handed_out_) {
    message_handed_out_ = false;
    payload = std::move(message_);
    return payload;
  }
  if (!payload.reserve(message.bytes.size())) return std::nullopt;
  if (!message.bytes.empty()) std::memcpy(payload.data(), message.bytes.data(), message.bytes.size());
  payload.commit(message.bytes.size());
  view_handed_out_ = false;
  return payload;
}

void Session::end_for_want_of_memory() noexcept {
  story_.blame(ClientError::message_too_large_for_memory);
  std::error_code ignored;
  close(CloseCode::message_too_big, {}, ignored);
}

}  // namespace cpwebsockets
