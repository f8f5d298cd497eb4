// The end of a connection: the closing handshake, and the end of the stream.
#include <algorithm>
#include <array>

#include "client_core.hpp"

namespace cpwebsockets {
namespace {

constexpr std::size_t discard_size = 4096;
constexpr std::chrono::milliseconds look_interval{20};  // for the end that another thread meets

}  // namespace

void ClientCore::start_close(CloseCode code, std::string_view reason, const Wait& wait,
                             std::error_code& ec) noexcept {
  ec.clear();
  Lock lock(mutex_);
  look();
  session_.close(code, reason, ec);
  if (ec) return;
  SendLimit limit{deadline_for(wait, session_.options().close_timeout), false};
  std::error_code ignored;  // the frame leaves with later calls
  while (flush_now() != Flushed::all && session_.close_waits() && await_room(lock, limit, ignored)) {
  }
}

void ClientCore::close(CloseCode code, std::string_view reason, const Wait& wait,
                       std::error_code& ec) noexcept {
  ec.clear();
  const Deadline deadline = deadline_for(wait, std::chrono::milliseconds::max());
  Lock lock(mutex_);
  look();
  session_.close(code, reason, ec);
  if (!ec) flush_now();
  while (!ec && !stream_ended_) {
    if (receivers_wanting_ > 0 || !reading_.take(ReadingPlace::closer)) {
      await_others_end(lock, deadline, ec);
      continue;
    }
    bool has_read = false;
    while (session_.await_end() != Next::done && receivers_wanting_ == 0) {
      if (has_read && is_over(deadline, ec)) break;
      if (!read_once(lock, ReadInto::buffer, deadline, ec)) break;
      has_read = true;
      if (mutex_.is_contended()) mutex_.yield();
    }
    if (session_.has_ended()) end_stream(lock, deadline);
    leave();
  }
}

// Another thread reads, or is about to: it will meet the end, or leave the place to us.
void ClientCore::await_others_end(Lock& lock, const Deadline& deadline, std::error_code& ec) noexcept {
  ++waiting_for_place_;
  changed_.wait(lock, deadline, look_interval);
  --waiting_for_place_;
  let_time_pass();
  // Its read may have begun before the close frame went out, and last longer than the peer has time to
  // answer.
  if (session_.is_over() && !session_.has_ended() && stream_) stream_->abort();
  is_over(deadline, ec);
}

// Sends what is left, and ends the stream as the session asks. For the one who has the reading place.
void ClientCore::end_stream(Lock& lock, const Deadline& deadline) noexcept {
  if (stream_ended_) return;
  Deadline until = deadline;
  until.at = std::min(until.at, point_of(session_.stream_deadline()));
  std::array<std::byte, discard_size> discarded;
  std::error_code ec;
  for (auto step = session_.stream_end(); step != Session::StreamEnd::close && !ec;
       step = session_.stream_end()) {
    if (step == Session::StreamEnd::send) {
      if (flush_now() == Flushed::none) ec = wait_for_stream(lock, false, true, until);
    } else if (step == Session::StreamEnd::shut_down) {
      stream_->shutdown_write();
      session_.output_shut_down();
    } else {
      const transport::IoResult result = stream_->read(discarded);
      if (result.status == transport::IoStatus::eof || result.status == transport::IoStatus::error) {
        session_.input_ended();
      } else if (result.status != transport::IoStatus::ok) {
        ec = wait_for_stream(lock, true, false, until);
      }
    }
    if (until.passed() || until.stop.stop_requested()) break;
    if (mutex_.is_contended()) mutex_.yield();
  }
  drop_stream();
}

void ClientCore::drop_stream() noexcept {
  if (!stream_ended_) {
    stream_->shutdown_write();
    if (waiting_for_stream_ > 0) stream_->abort();  // wakes them; else closing is enough
  }
  stream_ended_ = true;
  release_stream();
  changed_.notify();
}

}  // namespace cpwebsockets
