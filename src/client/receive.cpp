// Receiving, and the one place that waits for input.
#include <algorithm>

#include "client_core.hpp"

namespace cpwebsockets {
namespace {

template <typename Piece>
Received<Piece> nothing_for(const std::error_code& ec) noexcept {
  using Nothing = typename Received<Piece>::Nothing;
  if (ec == std::errc::timed_out) return Nothing::timed_out;
  if (ec == std::errc::operation_canceled) return Nothing::stopped;
  return !ec || ec == Condition::ended ? Nothing::ended : Nothing::failed;
}

}  // namespace

// The usual cases first, in few instructions: a message came with the one before it, which takes no mutex, or
// comes with one read.
Received<MessageView> ClientCore::receive_view(const Wait& wait, std::error_code& ec) noexcept {
  bool has_place = reading_.take(ReadingPlace::receiver);
  MessageView view;
  if (has_place && !wait.stop.stop_requested()) {
    bool taken = session_.take_ready(view);
    if (taken) {
      reading_.leave();
    } else if ((taken = read_unhurried(wait, view))) {
      leave();
    }
    if (taken) {
      if (ec) ec.clear();
      return view;
    }
  }
  Received<MessageView> message =
      receive_by<MessageView>(&Session::next_message, ReadInto::message, wait, has_place, ec);
  if (has_place) leave();
  return message;
}

Received<Message> ClientCore::receive(const Wait& wait, std::error_code& ec) noexcept {
  bool has_place = reading_.take(ReadingPlace::receiver);
  Received<MessageView> view = Received<MessageView>::Nothing::failed;
  if (MessageView ready; has_place && !wait.stop.stop_requested() &&
                         (session_.take_ready(ready) || read_unhurried(wait, ready))) {
    if (ec) ec.clear();
    view = ready;
  } else {
    view = receive_by<MessageView>(&Session::next_message, ReadInto::message, wait, has_place, ec);
  }
  Received<Message> message = nothing_for<Message>(ec);
  if (view) {
    if (std::optional<ByteBuffer> payload = session_.take_payload(*view)) {
      message = Message(view->is_text, std::move(*payload));
    } else {
      const Lock lock(mutex_);
      session_.end_for_want_of_memory();
      flush_now();
      ec = ClientError::message_too_large_for_memory;
      message = Received<Message>::Nothing::ended;
    }
  }
  if (has_place) leave();
  return message;
}

Received<MessagePart> ClientCore::receive_part(const Wait& wait, std::error_code& ec) noexcept {
  bool has_place = reading_.take(ReadingPlace::receiver);
  Received<MessagePart> part =
      receive_by<MessagePart>(&Session::next_part, ReadInto::buffer, wait, has_place, ec);
  if (has_place) leave();
  return part;
}

// Runs an operation of the session. On return `has_place` says whether the reading place is to be left.
template <typename Piece>
Received<Piece> ClientCore::receive_by(Operation<Piece> operation, ReadInto into, const Wait& wait,
                                       bool& has_place, std::error_code& ec) noexcept {
  ec.clear();
  const Deadline deadline = deadline_for(wait, std::chrono::milliseconds::max());
  Lock lock(mutex_);
  if (!has_place) has_place = enter(lock, deadline, ec);
  if (!has_place) return nothing_for<Piece>(ec);
  session_.begin_receiving();
  std::optional<Piece> piece;
  bool has_read = false;
  while ((session_.*operation)(piece, ec) != Next::done) {
    if (has_read && is_over(deadline, ec)) break;
    if (!read_once(lock, into, deadline, ec)) break;
    has_read = true;
    if (mutex_.is_contended()) mutex_.yield();
  }
  if (piece) return std::move(*piece);
  if (session_.has_ended() && ec != Condition::repeat) end_stream(lock, deadline);
  return nothing_for<Piece>(ec);
}

// One read that may wait, where nothing else is to be done meanwhile and no limit but the session's own ends
// it. False where that is not so, and if no whole message came with it: receive_by() goes on.
bool ClientCore::read_unhurried(const Wait& wait, MessageView& view) noexcept {
  if (wait.timeout || wait.stop.stop_possible()) return false;
  Lock lock(mutex_);
  if (stream_ended_ || !stream_->can_read_within()) return false;
  const std::span<std::byte> space = session_.idle_space();
  if (space.empty()) return false;
  const protocol::Duration limit =
      std::min<protocol::Duration>(session_.next_deadline() - last_time_, session_.options().close_timeout);
  const transport::IoResult result =
      unlocked(lock, [&] { return stream_->read_within(space, limit, false); });
  accept_input(result);
  // A time that is some milliseconds old does for all but a round trip, and costs a third.
  tell_time(session_.measures_round_trip() ? now()
                                           : std::max(last_time_, protocol::Time(transport::coarse_time())));
  return session_.take_first(view);
}

// Sends what is left, then reads once, waiting if it must, and lets time pass. False: the deadline came, or
// stop was requested.
bool ClientCore::read_once(Lock& lock, ReadInto into, const Deadline& deadline,
                           std::error_code& ec) noexcept {
  const Flushed flushed = flush_now();
  if (session_.waits_for_room() && flushed != Flushed::none) return true;
  const std::span<std::byte> space =
      session_.waits_for_room() ? std::span<std::byte>{} : session_.read_space(into);
  const bool is_quiet = flushed == Flushed::all;

  // A wait comes back this often whatever happens: another thread may have started to close meanwhile.
  const protocol::Duration longest = session_.options().close_timeout;
  // Telling the time costs more than all else here: the session's deadline is measured from when it was told
  // last.
  const protocol::Time session_deadline = session_.next_deadline();
  transport::IoResult result{transport::IoStatus::want_read, 0, {}};
  if (!space.empty()) {
    const bool may_wait = is_quiet && !session_.output_has_failed();
    if (may_wait && stream_->can_read_within() && !deadline.stop.stop_possible()) {
      protocol::Duration limit = longest;
      if (session_deadline != protocol::Time::max()) limit = std::min(limit, session_deadline - last_time_);
      if (deadline.at != transport::Clock::time_point::max()) {
        limit = std::min(limit, std::chrono::ceil<protocol::Duration>(deadline.at - transport::Clock::now()));
      }
      const bool fills = session_.read_fills();
      result = unlocked(lock, [&] { return stream_->read_within(space, limit, fills); });
    } else {
      result = stream_->read(space);
    }
  }
  accept_input(result);
  let_time_pass();
  const bool is_blocked =
      result.status == transport::IoStatus::want_read || result.status == transport::IoStatus::want_write;
  if (!is_blocked || stream_ended_ || session_.is_over()) return true;
  if (session_.output_has_failed()) {
    session_.input_ended();  // a stream that takes nothing is lost, and what it still had has come
    return true;
  }

  Deadline until = deadline;
  until.at = std::min(until.at, point_of(std::min(session_deadline, last_time_ + longest)));
  const bool wants_write = result.status == transport::IoStatus::want_write;
  ec = wait_for_stream(lock, !space.empty() && !wants_write, !is_quiet || wants_write, until);
  let_time_pass();
  if (ec == std::errc::timed_out && !is_over(deadline, ec = {})) ec.clear();
  return !ec;
}

}  // namespace cpwebsockets
