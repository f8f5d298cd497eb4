// What receiving, sending and closing share: time, waits for the stream, the reading place.
#include "client_core.hpp"

#include <algorithm>

namespace cpwebsockets {
namespace {

// How often one who waits for the reading place looks whether it has been left.
constexpr std::chrono::milliseconds look_interval{20};

}  // namespace

ClientCore::~ClientCore() {
  // In a forked child it is the parent's connection: only our descriptor goes.
  if (!stream_ || stream_ended_ || transport::process_id() != process_) return;
  std::error_code ignored;
  close(CloseCode::normal_closure, {}, {}, ignored);
}

// --- Time ---

protocol::Time ClientCore::now() noexcept {
  return protocol::Time(
      std::chrono::duration_cast<protocol::Duration>(transport::Clock::now().time_since_epoch()));
}

transport::Clock::time_point ClientCore::point_of(protocol::Time time) noexcept {
  return time == protocol::Time::max() ? transport::Clock::time_point::max()
                                       : transport::Clock::time_point(time.time_since_epoch());
}

void ClientCore::let_time_pass() noexcept {
  tell_time(now());
}

transport::Deadline ClientCore::deadline_for(const Wait& wait,
                                             std::chrono::milliseconds otherwise) const noexcept {
  const std::chrono::milliseconds limit = wait.timeout.value_or(otherwise);
  Deadline deadline;
  deadline.stop = wait.stop;
  if (limit < longest_time) deadline.at = transport::Clock::now() + limit;
  return deadline;
}

// True when the deadline is over at the time that was told last, or stop is requested; `ec` then says which.
bool ClientCore::is_over(const Deadline& deadline, std::error_code& ec) const noexcept {
  if (deadline.stop.stop_requested()) {
    ec = std::make_error_code(std::errc::operation_canceled);
  } else if (deadline.at <= point_of(last_time_)) {
    ec = std::make_error_code(std::errc::timed_out);
  }
  return static_cast<bool>(ec);
}

// --- The stream ---

std::error_code ClientCore::wait_for_stream(Lock& lock, bool read, bool write,
                                            const Deadline& deadline) noexcept {
  using transport::Ready;
  const Ready wanted = (read ? Ready::read : Ready::none) | (write ? Ready::write : Ready::none);
  return unlocked(lock, [&] { return transport::wait_for(stream_->handle(), wanted, deadline); });
}

// Writes what the stream takes without waiting.
ClientCore::Flushed ClientCore::write_now() noexcept {
  Flushed flushed = Flushed::none;
  do {
    if (stream_ended_) {
      session_.output_failed({});
      break;
    }
    const transport::IoResult result = stream_->write(session_.to_send());
    if (result.status == transport::IoStatus::ok) {
      session_.sent(result.size);
      flushed = Flushed::some;
    } else if (result.status == transport::IoStatus::want_read ||
               result.status == transport::IoStatus::want_write) {
      return flushed;
    } else {
      session_.output_failed(result.error);
    }
  } while (!session_.to_send().empty());
  return Flushed::all;
}

// A thread that waits for the descriptor keeps it open; the last one closes it.
void ClientCore::release_stream() noexcept {
  if (stream_ended_ && waiting_for_stream_ == 0) stream_.reset();
}

// --- The reading place ---

bool ClientCore::enter(Lock& lock, const Deadline& deadline, std::error_code& ec) noexcept {
  ++receivers_wanting_;
  ++waiting_for_place_;
  ReadingPlace::Holder found;
  bool entered = false;
  while (!(entered = reading_.take(ReadingPlace::receiver, found)) && !ec) {
    if (found == ReadingPlace::receiver) {
      ec = std::make_error_code(std::errc::operation_in_progress);
    } else if (deadline.stop.stop_requested()) {
      ec = std::make_error_code(std::errc::operation_canceled);
    } else if (deadline.passed()) {
      ec = std::make_error_code(std::errc::timed_out);
    } else {
      changed_.wait(lock, deadline, look_interval);
    }
  }
  --waiting_for_place_;
  --receivers_wanting_;
  return entered;
}

void ClientCore::leave() noexcept {
  reading_.leave();
  if (waiting_for_place_.load(std::memory_order_relaxed) > 0) changed_.notify();
}

// --- What others look at ---

bool ClientCore::is_open() const noexcept {
  const Lock lock(mutex_);
  return session_.is_open();
}

CloseInfo ClientCore::close_info() const noexcept {
  const Lock lock(mutex_);
  return session_.close_info();
}

Failure ClientCore::failure() const {
  const Lock lock(mutex_);
  return session_.story().failure();
}

Failure ClientCore::explain(std::error_code ec) const {
  const Lock lock(mutex_);
  return session_.story().explain(ec);
}

std::chrono::microseconds ClientCore::round_trip() const noexcept {
  const Lock lock(mutex_);
  return session_.round_trip();
}

transport::Handle ClientCore::native_handle() const noexcept {
  const Lock lock(mutex_);
  return stream_ && !stream_ended_ ? stream_->handle() : transport::no_handle;
}

}  // namespace cpwebsockets
