// What a Connection does because time has passed: handshake, keepalive and close timeouts.
#include <algorithm>

#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets::protocol {

Time Connection::poll(Time now) noexcept {
  now_ = std::max(now_, now);
  if (heard_) {
    // Any byte is a sign of life: a slow link that delivers data must not die for a late pong.
    heard_ = false;
    last_heard_ = now_;
    keepalive_waiting_ = false;
  }
  const Time deadline = next_deadline();
  if (now_ < deadline) return deadline;
  time_is_up();
  return next_deadline();
}

void Connection::time_is_up() noexcept {
  switch (state_) {
    case State::idle:
    case State::closed:
      return;
    case State::connecting:
      // A refusal whose body never ends is reported with what came of it.
      if (refused_status_ != 0) {
        eof_ = true;
      } else {
        fail(Error::handshake_timeout, Step::handshake, ClosedBy::network);
      }
      return;
    case State::closing:
      fail(Error::close_timeout, Step::close, ClosedBy::network);
      return;
    case State::open:
      break;
  }
  if (keepalive_waiting_) {
    fail(Error::keepalive_timeout, Step::frame, ClosedBy::network);
    return;
  }
  // Unpredictable, so that a pong proves a round trip. With no room to send, the silence is timed all the
  // same.
  std::array<std::byte, 4> payload{};
  if (!config_.random.fill(config_.random.context, payload)) {
    fail(Error::entropy_failure, Step::frame, ClosedBy::us);
    return;
  }
  ping(payload);
  keepalive_waiting_ = true;
  keepalive_sent_ = now_;
}

Time Connection::next_deadline() const noexcept {
  switch (state_) {
    case State::idle:
      return Time::max();
    case State::connecting:
    case State::closing:
      return deadline_;
    case State::closed:
      return transport() == Transport::await_eof ? deadline_ : Time::max();
    case State::open:
      break;
  }
  if (config_.ping_interval.count() == 0) return Time::max();
  return keepalive_waiting_ ? keepalive_sent_ + config_.pong_timeout : last_heard_ + config_.ping_interval;
}

}  // namespace cpwebsockets::protocol
