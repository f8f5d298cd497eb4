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

bool Session::take_whole(MessageView& message) noexcept {
  protocol::MessagePart part;
  if (!protocol::take_whole_message(ready_, connection_.max_whole_message(), part)) return false;
  view_handed_out_ = true;
  message = {part.opcode == protocol::Opcode::text, part.bytes};
  return true;
}

std::span<std::byte> Session::idle_space() noexcept {
  settle();
  view_handed_out_ = false;
  const bool is_idle = connection_.needs_input() && to_send().empty() && !output_has_failed() &&
                       !input_ended_ && !close_wanted_ && !has_ended() && !message_handed_out_ &&
                       !part_handed_out_ && !last_was_large_ && viewed_buffer_ == nullptr;
  if (!is_idle) return {};
  reads_direct_ = false;
  growing_checked_ = 0;
  return read_space_ = connection_.receive_space();
}

bool Session::take_first(MessageView& message) noexcept {
  ready_ = connection_.unframed_input();
  ready_size_ = ready_.size();
  return take_ready(message);
}

Next Session::next_message(std::optional<MessageView>& message, std::error_code& ec) noexcept {
  settle();
  if (connection_.needs_input() && !has_ended()) return Next::input;
  if (part_handed_out_) {
    ec = ClientError::message_in_parts;
    return Next::done;
  }
  if (take_first(message.emplace())) {
    growing_checked_ = 0;
    return Next::done;
  }
  message.reset();
  const bool grows = grows_in_place();
  settle();
  if (grows) return Next::input;
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
      last_was_large_ = message_.size() >= options_.receive_buffer_size;
      message.emplace(MessageView{message_is_text_, message_.bytes()});
      return Next::done;
    }
  }
  ec = story_.end_code();
  return Next::done;
}

// Whether a message that a read has cut is left in the receive buffer until the rest of it has come: if it
// fits there whole, that saves a copy. Its text is judged as it comes (RFC 6455 §8.1).
bool Session::grows_in_place() noexcept {
  if (input_ended_ || ready_.size() < 2) return false;
  const auto first = std::to_integer<unsigned>(ready_[0]);
  if (first != 0x81 && first != 0x82) return false;
  std::size_t size = std::to_integer<std::size_t>(ready_[1]);
  std::size_t header = 2;
  if (size >= 126) {
    if (size != 126 || ready_.size() < 4) return false;
    size = std::to_integer<std::size_t>(ready_[2]) << 8 | std::to_integer<std::size_t>(ready_[3]);
    header = 4;
    if (size < 126) return false;
  }
  const bool is_cut = header + size > ready_.size();
  if (!is_cut || header + size > options_.receive_buffer_size || size > connection_.max_whole_message())
    return false;
  if (first == 0x81) {
    if (growing_checked_ == 0) growing_.reset();
    const std::span<const std::byte> fresh =
        std::span<const std::byte>(ready_).subspan(header + growing_checked_);
    if (growing_.consume(fresh) < fresh.size()) return false;
    growing_checked_ += fresh.size();
  }
  last_was_large_ = false;
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
    if (!on_event(connection_.next_event())) return;
  }
}

// A view of the receive buffer keeps that buffer; reading goes on in another. False when memory is out.
bool Session::keep_view() noexcept {
  if (!view_handed_out_) return true;
  std::unique_ptr<std::byte[]> buffer(new (std::nothrow) std::byte[options_.receive_buffer_size]);
  if (!buffer) return false;
  connection_.use_buffers({buffer.get(), options_.receive_buffer_size},
                          {send_buffer_.get(), options_.send_buffer_size});
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
