// The opening handshake as a server: in a file of its own, so that a program with clients alone links none of
// it.
#include "session.hpp"

namespace cpwebsockets {

void Session::listen(protocol::Time now) noexcept {
  poll(now);
  static_cast<void>(connection_.listen());
}

Next Session::await_request(std::optional<protocol::Requested>& request) noexcept {
  while (!has_ended()) {
    const protocol::Event event = connection_.next_event();
    if (const auto* requested = std::get_if<protocol::Requested>(&event)) {
      request = *requested;
      return Next::done;
    }
    if (!on_event(event)) return Next::input;
  }
  return Next::done;
}

bool Session::accept(std::string_view subprotocol) noexcept {
  protocol::Acceptance acceptance;
  acceptance.subprotocol = subprotocol;
  const bool accepted = connection_.accept(acceptance) == protocol::Result::accepted;
  if (!accepted) {
    output_failed({});
    input_ended();
  }
  return accepted;
}

}  // namespace cpwebsockets
