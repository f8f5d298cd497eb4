// What a Connection does because time has passed: handshake, keepalive and close timeouts.
#include <algorithm>

#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets::protocol {

// The deadline is when `limit` from now is over; max() if there is no limit.
[[gnu::noinline]] void Connection::start_timer(Duration limit) noexcept {
  // Unsigned, as a limit near max() wraps around: the end is then before now.
  const std::int64_t now = now_.time_since_epoch().count();
  const auto end = static_cast<std::uint64_t>(now) + static_cast<std::uint64_t>(limit.count());
  const auto at = static_cast<std::int64_t>(end);
  deadline_ = at >= now ? Time(Duration(at)) : Time::max();
}

Time Connection::poll(Time now) noexcept {
  if (now > now_) now_ = now;
  if (heard_ && state_ == State::open) {
    // Any byte is a sign of life: a slow link that delivers data must not die for a late pong.
    keepalive_due_ = Error::none;
    start_timer(config_.ping_interval);
  }
  heard_ = false;
  if (now_ >= deadline_) time_is_up();
  return deadline_;
}

void Connection::time_is_up() noexcept {
  deadline_ = Time::max();
  if (state_ == State::connecting && status_ < 200) {
    fail(Error::handshake_timeout, Step::handshake, ClosedBy::network);
  } else if (state_ == State::closing) {
    fail(Error::close_timeout, Step::close, ClosedBy::network);
  } else if (state_ == State::open && keepalive_due_ != Error::none) {
    fail(keepalive_due_, Step::frame, ClosedBy::network);
  } else if (state_ == State::open) {
    send_keepalive();
  } else {
    eof_ = true;  // nor is it waited for: a refusal whose body never ends is reported with what came of it
  }
}

void Connection::send_keepalive() noexcept {
  // Unpredictable, so that a pong proves a round trip. With no room to send, the silence is timed all the
  // same.
  MaskingKey payload{};
  if (!config_.random.fill(config_.random.context, payload)) {
    fail(Error::entropy_failure, Step::frame, ClosedBy::us);
    return;
  }
  keepalive_due_ =
      ping(payload) == Result::accepted ? Error::keepalive_timeout : Error::keepalive_without_ping;
  start_timer(config_.pong_timeout);
}

}  // namespace cpwebsockets::protocol
