// Sending: operations of the session, run until they are done or their wait has ended.
#include <algorithm>
#include <new>

#include "client_core.hpp"

namespace cpwebsockets {
namespace {

constexpr std::size_t batch_size = 16U << 10;  // bytes that a batch gathers at most

// Who only sends looks this often for what has come, and one who waits for room, whether the reading place
// has become free.
constexpr std::chrono::milliseconds look_interval{100};

}  // namespace

// --- Duties of an endpoint that only sends ---

void ClientCore::attend() noexcept {
  const protocol::Time time{transport::coarse_time()};
  if (time - last_look_ >= look_interval) look();
}

// Reads without waiting, and handles the control frames that are not behind a message.
[[gnu::noinline]] void ClientCore::look() noexcept {
  if (stream_ended_) return;
  const bool has_place = receivers_wanting_ == 0 && reading_.take(ReadingPlace::sender);
  if (!has_place) return let_time_pass();  // the one who has it reads
  listen(session_.may_listen());
  leave();
}

// True when bytes came.
bool ClientCore::listen(bool may_read) noexcept {
  bool has_come = false;
  if (may_read) {
    const std::span<std::byte> space = session_.read_space(ReadInto::buffer);
    const bool reads = !space.empty() && !stream_ended_;
    const transport::IoResult result =
        reads ? stream_->read(space) : transport::IoResult{transport::IoStatus::want_read, 0, {}};
    has_come = result.status == transport::IoStatus::ok;
    accept_input(result);
    if (result.status == transport::IoStatus::want_read && session_.output_has_failed())
      session_.input_ended();
  } else {
    session_.leave_messages();
  }
  let_time_pass();
  if (may_read) session_.listen();
  return has_come;
}

// --- Waiting ---

ClientCore::SendLimit ClientCore::limit_for(const Wait& wait) const noexcept {
  return {deadline_for(wait, session_.options().send_timeout), !wait.timeout.has_value()};
}

// Waits until the socket takes more, and listens meanwhile if nobody else reads: a long send must not look
// like a dead client, and the server may close.
bool ClientCore::await_room(Lock& lock, SendLimit& limit, std::error_code& ec) noexcept {
  if (stream_ended_) return true;
  const bool has_place = receivers_wanting_ == 0 && reading_.take(ReadingPlace::sender);
  const bool listens = has_place && session_.may_listen();
  if (has_place && !listens) leave();
  // First what has come: bytes that TLS has read ahead do not end a wait for the socket.
  if (!listens || !listen(true)) {
    const bool reads = listens && !session_.read_space(ReadInto::buffer).empty();
    Deadline until = limit.deadline;
    until.at = std::min(
        until.at, listens ? point_of(session_.next_deadline()) : transport::Clock::now() + look_interval);
    ec = wait_for_stream(lock, reads, true, until);
    if (listens && receivers_wanting_ == 0) listen(true);
  }
  if (listens) leave();
  if (!ec || ec == std::errc::timed_out) {
    ec.clear();
    last_time_ = now();
    is_over(limit.deadline, ec);
  }
  return !ec;
}

// Runs an operation of the session to its end, which it says itself, or to the end of the wait.
template <typename Call>
void ClientCore::run_sending(Lock& lock, SendLimit& limit, std::error_code& ec, Call call) noexcept {
  for (bool has_waited = false;; has_waited = true) {
    const Next next = call();
    if (next == Next::done) return;
    if (has_waited && !limit.renewed_by_progress) {
      last_time_ = now();
      if (is_over(limit.deadline, ec)) return;
    }
    if (next == Next::turn) {
      changed_.wait(lock, limit.deadline, std::chrono::hours(1));
      last_time_ = now();
      if (is_over(limit.deadline, ec)) return;
    } else if (flush_now() != Flushed::none) {
      if (limit.renewed_by_progress)
        limit.deadline.at = transport::Clock::now() + session_.options().send_timeout;
      if (limit.deadline.stop.stop_requested() && is_over(limit.deadline, ec)) return;
      if (session_.waits_for_room()) look();
    } else if (!await_room(lock, limit, ec)) {
      return;
    }
    if (mutex_.is_contended()) mutex_.yield();
  }
}

// Sends what was accepted as a whole. What the socket does not take before the wait ends leaves with the next
// calls: an error would make the caller send it again.
void ClientCore::flush_accepted(Lock& lock, SendLimit& limit, std::error_code& ec) noexcept {
  while (flush_now() != Flushed::all) {
    if (await_room(lock, limit, ec)) continue;
    ec.clear();
    break;
  }
  if (!session_.output_has_failed()) return;
  look();  // the server may have said why
  ec = session_.story().later_code();
}

// --- Messages ---

void ClientCore::send(protocol::Opcode opcode, std::span<const std::byte> bytes, const Wait& wait,
                      std::error_code& ec) noexcept {
  if (ec) ec.clear();
  Lock lock(mutex_);
  attend();
  if (!session_.send_now(opcode, bytes)) return send_waiting(lock, opcode, bytes, wait, ec);
  if (gathers() && session_.to_send().size() < batch_size) return;
  if (flush_now() != Flushed::all || session_.output_has_failed()) flush_waiting(lock, wait, ec);
}

[[gnu::noinline]] void ClientCore::flush_waiting(Lock& lock, const Wait& wait, std::error_code& ec) noexcept {
  SendLimit limit = limit_for(wait);
  flush_accepted(lock, limit, ec);
}

// The same where there was no room, no turn, or something wrong.
[[gnu::noinline]] void ClientCore::send_waiting(Lock& lock, protocol::Opcode opcode,
                                                std::span<const std::byte> bytes, const Wait& wait,
                                                std::error_code& ec) noexcept {
  SendLimit limit = limit_for(wait);
  Outgoing message{opcode, bytes};
  run_sending(lock, limit, ec, [&] { return session_.send(message, ec); });
  if (message.has_turn) {
    // Half a message cannot be taken back: nothing that follows would make sense to the server.
    session_.cut_short(message);
    if (stream_) stream_->abort();
    ec = session_.story().later_code();
  } else if (!ec) {
    flush_accepted(lock, limit, ec);
  }
  changed_.notify();
}

bool ClientCore::begin_message(protocol::Opcode opcode, const Wait& wait, std::error_code& ec) noexcept {
  ec.clear();
  Lock lock(mutex_);
  attend();
  SendLimit limit = limit_for(wait);
  run_sending(lock, limit, ec, [&] { return session_.begin_message(opcode, ec); });
  return !ec;
}

std::size_t ClientCore::append(std::span<const std::byte> piece, const Wait& wait,
                               std::error_code& ec) noexcept {
  ec.clear();
  Lock lock(mutex_);
  attend();
  SendLimit limit = limit_for(wait);
  std::size_t taken = 0;
  run_sending(lock, limit, ec, [&] { return session_.append(piece, taken, ec); });
  if (!ec) flush_accepted(lock, limit, ec);
  return taken;
}

// False when it can be repeated: after a wait, or, if the text ends inside a code point, after the rest of
// it.
bool ClientCore::finish(const Wait& wait, std::error_code& ec) noexcept {
  ec.clear();
  Lock lock(mutex_);
  SendLimit limit = limit_for(wait);
  run_sending(lock, limit, ec, [&] { return session_.finish(ec); });
  if (!ec) flush_accepted(lock, limit, ec);
  changed_.notify();
  return ec != Condition::repeat && ec != ClientError::text_not_utf8;
}

void ClientCore::abandon_message() noexcept {
  const Lock lock(mutex_);
  session_.abandon_message();
  flush_now();
  changed_.notify();
}

void ClientCore::ping(std::span<const std::byte> payload, const Wait& wait, std::error_code& ec) noexcept {
  ec.clear();
  Lock lock(mutex_);
  look();
  SendLimit limit = limit_for(wait);
  run_sending(lock, limit, ec, [&] { return session_.ping(payload, ec); });
  if (!ec) flush_accepted(lock, limit, ec);
}

// --- Batches ---

bool ClientCore::gathers() const noexcept {
  return batches_.load(std::memory_order_relaxed) > 0 &&
         std::find(batching_.begin(), batching_.end(), std::this_thread::get_id()) != batching_.end();
}

// False where memory is out: then nothing gathers.
bool ClientCore::cork() noexcept try {
  const Lock lock(mutex_);
  batching_.push_back(std::this_thread::get_id());
  ++batches_;
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

void ClientCore::uncork() noexcept {
  Lock lock(mutex_);
  --batches_;
  batching_.erase(std::find(batching_.begin(), batching_.end(), std::this_thread::get_id()));
  SendLimit limit = limit_for({});
  std::error_code ignored;  // a stream that takes no more shows in the next call
  if (!gathers()) flush_accepted(lock, limit, ignored);
}

}  // namespace cpwebsockets
