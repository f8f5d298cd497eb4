// What both roles share of the opening handshake.
#include <algorithm>

#include "cpwebsockets/protocol/connection.hpp"
#include "text.hpp"

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
  start_timer(config_.handshake_timeout);
}

std::string_view Connection::header_text() const noexcept {
  const std::span<std::byte> pending = receive_.pending();
  return {reinterpret_cast<const char*>(pending.data()), pending.size()};
}

Error Connection::assume_open(Role role) noexcept {
  if (state_ != State::idle) return Error::wrong_state;
  if (const Error error = check_config(); error != Error::none) return error;
  role_ = role;
  enter_open();
  return Error::none;
}

void Connection::enter_open() noexcept {
  state_ = State::open;
  start_timer(config_.ping_interval);
  offered_subprotocols_ = {};
}

}  // namespace cpwebsockets::protocol
