// What operations do, in the order of the calls, and how they end.
#include <algorithm>

#include "async_core.hpp"
#include "connecting.hpp"

namespace cpwebsockets::detail {

using Kind = AsyncOperation::Kind;

void AsyncCore::start(AsyncOperation* operation) {
  switch (operation->kind) {
    case Kind::send:
      queued_bytes_ += operation->bytes.size();
      [[fallthrough]];
    case Kind::begin:
      senders_.push(operation);
      break;
    case Kind::append:
    case Kind::finish:
      if (writer_ != nullptr || !message_begun_) {
        finish(operation, std::make_error_code(message_begun_ ? std::errc::operation_in_progress
                                                              : std::errc::not_connected));
      } else {
        writer_ = operation;
      }
      break;
    case Kind::ping:
      pings_.push(operation);
      break;
    case Kind::close: {
      std::error_code ec;
      const std::string_view reason(reinterpret_cast<const char*>(operation->bytes.data()),
                                    operation->bytes.size());
      session_.close(operation->code, reason, ec);
      if (ec) {
        finish(operation, ec);
      } else {
        closers_.push(operation);
      }
      break;
    }
    default:
      if (receiver_ != nullptr) {
        finish(operation, std::make_error_code(std::errc::operation_in_progress));
      } else {
        receiver_ = operation;
        message_waits_ = false;
        session_.begin_receiving();
      }
  }
  run(Delivery::post);
}

std::size_t AsyncCore::pending_bytes() const noexcept {
  return session_.to_send().size() + queued_bytes_ - (outgoing_.has_turn ? outgoing_.taken : 0);
}

std::optional<MessageView> AsyncCore::take_ready() noexcept {
  MessageView message;
  if (receiver_ == nullptr && session_.take_ready(message)) return message;
  return std::nullopt;
}

// --- Sending ---

bool AsyncCore::run_outputs() {
  const bool waited = std::exchange(outputs_wait_, false);
  bool moved = false;
  const auto finishes = [&](AsyncOperation* operation) {
    const Next next = run_output(*operation);
    if (next == Next::room) outputs_wait_ = true;
    if (next == Next::done) moved = true;
    return next == Next::done;
  };
  if (writer_ != nullptr && finishes(writer_)) writer_ = nullptr;
  while (!pings_.empty() && finishes(pings_.front())) finish(pings_.pop());
  while (!senders_.empty() && finishes(senders_.front())) finish(senders_.pop());
  if (outputs_wait_ && !waited) output_moved_ = now_;
  return moved;
}

Next AsyncCore::run_output(AsyncOperation& operation) {
  std::error_code& ec = operation.ec;
  Next next = Next::done;
  switch (operation.kind) {
    case Kind::send:
      if (!outgoing_.has_turn) {
        if (session_.send_now(operation.opcode, operation.bytes)) return Next::done;
        outgoing_ = {operation.opcode, operation.bytes};
      }
      return session_.send(outgoing_, ec);
    case Kind::begin:
      next = session_.begin_message(operation.opcode, ec);
      if (next == Next::done && !ec) message_begun_ = true;
      return next;
    case Kind::append:
      next = session_.append(operation.bytes, operation.taken, ec);
      break;
    case Kind::finish:
      next = session_.finish(ec);
      if (next == Next::done && ec != ClientError::text_not_utf8) message_begun_ = false;
      break;
    default:
      return session_.ping(operation.bytes, ec);
  }
  if (next == Next::done) finish(&operation);  // a writer's
  return next;
}

bool AsyncCore::write_some() {
  if (!may_write_ || session_.to_send().empty() || session_.output_has_failed()) return false;
  const transport::IoResult result = stream_->write(session_.to_send());
  switch (result.status) {
    case transport::IoStatus::ok:
      session_.sent(result.size);
      output_moved_ = now_;
      return true;
    case transport::IoStatus::want_read:
    case transport::IoStatus::want_write:
      may_write_ = false;
      return false;
    default:
      session_.output_failed(result.error);
      return true;
  }
}

// The socket has taken nothing for send_timeout.
void AsyncCore::time_out_outputs() {
  const std::error_code timed_out = std::make_error_code(std::errc::timed_out);
  outputs_wait_ = false;
  if (writer_ != nullptr) give_up(std::exchange(writer_, nullptr), timed_out);
  while (!pings_.empty()) finish(pings_.pop(), timed_out);
  while (!senders_.empty()) give_up(senders_.pop(), timed_out);
}

// A message of which a part has gone cannot be taken back: the connection ends with it.
void AsyncCore::give_up(AsyncOperation* operation, std::error_code ec) {
  if (operation->kind == Kind::send && outgoing_.bytes.data() == operation->bytes.data() &&
      outgoing_.has_turn) {
    session_.cut_short(outgoing_);
    ec = ClientError::message_cut_short;
  } else if (operation->taken > 0) {
    Outgoing begun;
    session_.cut_short(begun);
    message_begun_ = false;
    ec = ClientError::message_cut_short;
  }
  finish(operation, ec);
}

// --- Receiving ---

bool AsyncCore::run_receiver() {
  wants_input_ = false;
  if (receiver_ != nullptr) {
    std::error_code ec;
    if (receive(*receiver_, ec) == Next::done) {
      if (session_.has_ended() && !receiver_->has_result && ec != ClientError::message_in_parts) return true;
      unheard_ = true;
      is_fresh_ = false;  // the view stays until the next call: others look for what has come no sooner
      finish(std::exchange(receiver_, nullptr), ec);
      return true;
    }
    wants_input_ = true;
  } else if (!closers_.empty()) {
    if (session_.await_end() == Next::done) return true;
    wants_input_ = true;
  } else if (is_fresh_ || hears_rest_ || session_.is_over()) {
    hears_rest_ = unheard_ = false;
    const bool listens = session_.may_listen();
    message_waits_ = !listens && !session_.has_ended();
    if (listens) session_.listen();
    wants_input_ = listens && is_fresh_;
  }
  return false;
}

Next AsyncCore::receive(AsyncOperation& operation, std::error_code& ec) {
  if (operation.kind == Kind::receive_part) {
    std::optional<MessagePart> part;
    const Next next = session_.next_part(part, ec);
    operation.has_result = part.has_value();
    if (part) operation.part = *part;
    return next;
  }
  std::optional<MessageView> message;
  MessageView ready;
  if (session_.take_ready(ready)) {
    message = ready;
  } else if (session_.next_message(message, ec) != Next::done) {
    return Next::input;
  }
  operation.has_result = message.has_value();
  if (!message) return Next::done;
  operation.view = *message;
  if (operation.kind == Kind::receive_view) return Next::done;
  operation.payload = session_.take_payload(*message);
  operation.has_result = operation.payload.has_value();
  if (!operation.has_result) {
    session_.end_for_want_of_memory();
    ec = ClientError::message_too_large_for_memory;
  }
  return Next::done;
}

// One read, if somebody wants what comes. Less than there was room for was all that had come, but for TLS.
bool AsyncCore::read_some(Session::ReadInto into) {
  if (!wants_input_ || !may_read_ || session_.waits_for_room()) return false;
  const std::span<std::byte> space = session_.read_space(into);
  if (space.empty()) return false;
  const transport::IoResult result = stream_->read(space);
  switch (result.status) {
    case transport::IoStatus::ok:
      may_read_ = is_secure_ || result.size == space.size();
      session_.received(result.size);
      unheard_ = true;
      break;
    case transport::IoStatus::eof:
    case transport::IoStatus::error:
      session_.input_ended(result.error);
      break;
    default:
      may_read_ = false;
      read_wants_room_ = result.status == transport::IoStatus::want_write;
      if (!session_.output_has_failed()) return false;
      session_.input_ended();  // a stream that takes nothing is lost, and what it still had has come
  }
  session_.poll(now_);
  return true;
}

// --- Ends of operations ---

void AsyncCore::finish(AsyncOperation* operation, std::error_code ec) noexcept {
  operation->ec = ec;
  finish(operation);
}

void AsyncCore::finish(AsyncOperation* operation) noexcept {
  if (operation->kind == Kind::send) queued_bytes_ -= operation->bytes.size();
  done_.push(operation);
}

void AsyncCore::finish_all(std::error_code ec) noexcept {
  for (AsyncOperation** const place : {&opener_, &receiver_, &writer_}) {
    if (*place != nullptr) finish(std::exchange(*place, nullptr), ec);
  }
  for (OperationQueue* const queue : {&senders_, &pings_, &closers_}) {
    while (!queue->empty()) finish(queue->pop(), ec);
  }
}

void AsyncCore::destroy_all() noexcept {
  finish_all({});
  while (AsyncOperation* const operation = done_.pop())
    operation->deliver(operation, nullptr, Delivery::destroy);
}

// The connection is over: nothing more comes of any call.
void AsyncCore::finish_at_end() {
  const Story& story = session_.story();
  if (opener_ != nullptr) finish(std::exchange(opener_, nullptr), story.code());
  if (receiver_ != nullptr) finish(std::exchange(receiver_, nullptr), story.end_code());
  while (!closers_.empty()) finish(closers_.pop(), {});
  finish_all(story.later_code());
}

void AsyncCore::cancel(AsyncOperation* operation, asio::cancellation_type type) {
  const bool terminal = (type & asio::cancellation_type::terminal) != asio::cancellation_type::none;
  const std::error_code aborted = asio::error::operation_aborted;
  if (operation == opener_) {
    fail_to_connect(aborted);
  } else if (operation == receiver_) {
    finish(std::exchange(receiver_, nullptr), aborted);
  } else if (operation == writer_) {
    if (!terminal && operation->taken > 0) return;
    give_up(std::exchange(writer_, nullptr), aborted);
  } else if (pings_.remove(operation) || closers_.remove(operation)) {
    finish(operation, aborted);
  } else {
    const bool begun = operation == senders_.front() && outgoing_.has_turn;
    if ((begun && !terminal) || !senders_.remove(operation)) return;
    if (begun) {
      session_.cut_short(outgoing_);
      finish(operation, ClientError::message_cut_short);
    } else {
      finish(operation, aborted);
    }
  }
  run(Delivery::post);
}

}  // namespace cpwebsockets::detail
