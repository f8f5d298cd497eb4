/// What a connection tells its driver: small values, most of them views into the receive buffer.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "cpwebsockets/protocol/close.hpp"
#include "cpwebsockets/protocol/frame.hpp"
#include "cpwebsockets/protocol/handshake.hpp"

namespace cpwebsockets::protocol {

/// Client: the server accepted. Server: accept() was taken. Messages may flow.
struct Opened {
  std::string_view subprotocol;  ///< the chosen one, a view of Request's or Acceptance's, or empty
  std::string_view extensions;   ///< value of Sec-WebSocket-Extensions, or empty
};

/// Client: the server answered with another status than 101. A Closed event follows. Only a 101 is judged
/// strictly: the status of a refusal is reported even if its header or body is cut, too large, or not
/// complete within the handshake's time.
struct Refused {
  int status = 0;  ///< 200 to 999
  /// The well-formed fields that fit half of the receive buffer, in their order. A field that does not fit is
  /// left out; later ones may still be there. Folded lines are joined (RFC 9112 §5.2).
  HeaderBlock headers;
  std::string_view body;  ///< its decoded start, as much as fits the receive buffer behind the fields
};

/// Server: a client asks to open; answer with accept() or reject(). The views stay valid until then.
struct Requested {
  std::string_view target;        ///< path and query
  HeaderBlock headers;            ///< all fields
  std::string_view subprotocols;  ///< value of Sec-WebSocket-Protocol, or empty; the first, if repeated
};

/// A piece of a data message, in the order of its bytes.
struct MessagePart {
  Opcode opcode = Opcode::binary;  ///< text or binary, of the whole message
  bool first = false;              ///< the message begins here
  bool last = false;               ///< the message ends here
  /// The piece, unmasked and inflated. Text was checked up to here: a piece may end inside a code point. A
  /// view, valid until the next call of next_event() or receive_space().
  std::span<const std::byte> bytes;

  /// The message is text.
  [[nodiscard]] bool is_text() const noexcept { return opcode == Opcode::text; }
  /// The piece as characters.
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

/// A ping came; its pong is already on its way.
struct Ping {
  /// Valid until the next call of next_event() or receive_space().
  std::span<const std::byte> payload;
};

/// A pong came.
struct Pong {
  /// Valid until the next call of next_event() or receive_space().
  std::span<const std::byte> payload;
  /// Set when this answers our latest ping: the time between ping() and the poll() before this event.
  std::optional<std::chrono::microseconds> round_trip;
};

/// The connection has ended: always the last event. See Connection::transport() for what to do with the
/// stream.
struct Closed {
  /// Who ended it, and why.
  CloseInfo info;
};

/// What next_event() returns; std::monostate when nothing has happened.
using Event = std::variant<std::monostate, Opened, Refused, Requested, MessagePart, Ping, Pong, Closed>;

}  // namespace cpwebsockets::protocol
