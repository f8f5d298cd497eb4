// What both roles share of the opening handshake.
#include <algorithm>

#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets::protocol {
namespace {

constexpr std::size_t smallest_buffer = 256;  // a control frame, and a handshake that is worth trying

}  // namespace

Error Connection::check_config() const noexcept {
  if (receive_.capacity() < smallest_buffer) return Error::receive_buffer_too_small;
  if (send_.capacity() < smallest_buffer) return Error::request_too_large;
  return config_.random.fill == nullptr ? Error::entropy_failure : Error::none;
}

void Connection::start_handshake(Role role, Event (Connection::*step)() noexcept) noexcept {
  role_ = role;
  handshake_step_ = step;
  state_ = State::connecting;
  deadline_ = config_.handshake_timeout.count() > 0 ? now_ + config_.handshake_timeout : Time::max();
}

std::string_view Connection::header_text() const noexcept {
  const std::span<std::byte> pending = receive_.pending();
  return {reinterpret_cast<const char*>(pending.data()), pending.size()};
}

// Sets header_size_ when the blank line is there; fails when it can no longer come.
bool Connection::find_header_end() noexcept {
  if (header_size_ > 0) return true;
  const std::string_view text = header_text();
  const std::size_t limit = std::min(config_.max_header_size, receive_.capacity());
  const std::size_t found = text.find("\r\n\r\n", header_scanned_);
  if (found != std::string_view::npos && found + 4 <= limit) {
    header_size_ = found + 4;
    return true;
  }
  header_scanned_ = text.size() > 3 ? text.size() - 3 : 0;
  if (found != std::string_view::npos || text.size() >= limit) {
    fail(Error::header_too_large, Step::handshake, ClosedBy::us);
  } else if (eof_) {
    fail(Error::connection_lost_in_handshake, Step::handshake, ClosedBy::network);
  }
  return false;
}

void Connection::enter_open() noexcept {
  state_ = State::open;
  last_heard_ = now_;
  offered_subprotocols_ = {};
}

}  // namespace cpwebsockets::protocol
