/// Close codes and the story of how a connection ended (RFC 6455 §7).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cpwebsockets/protocol/error.hpp"

namespace cpwebsockets::protocol {

/// Close codes of RFC 6455 §7.4.1 and the IANA registry. Applications may use 3000 to 4999 as well:
/// `CloseCode{4001}`.
enum class CloseCode : std::uint16_t {
  none = 0,  ///< there was no close frame
  normal_closure = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status_received = 1005,  ///< never on the wire: the close frame carried no code
  abnormal_closure = 1006,    ///< never on the wire: the connection ended without a close frame
  invalid_payload_data = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  mandatory_extension = 1010,
  internal_error = 1011,
  service_restart = 1012,
  try_again_later = 1013,
  bad_gateway = 1014,
  tls_handshake = 1015,  ///< never on the wire
};

/// A close code as a call takes it: one of CloseCode, or a number such as 4001.
class AnyCloseCode {
 public:
  /// One of CloseCode.
  constexpr AnyCloseCode(CloseCode code) noexcept : code_(code) {}  // NOLINT(google-explicit-constructor)
  /// A number. One that does not fit 16 bits is CloseCode::none, which no close frame may carry.
  constexpr AnyCloseCode(long long code) noexcept  // NOLINT(google-explicit-constructor)
      : code_(code >= 0 && code <= 0xFFFF ? CloseCode{static_cast<std::uint16_t>(code)} : CloseCode::none) {}

  /// The code.
  constexpr operator CloseCode() const noexcept { return code_; }  // NOLINT(google-explicit-constructor)

 private:
  CloseCode code_;
};

/// The code as a number.
constexpr std::uint16_t to_integer(CloseCode code) noexcept {
  return static_cast<std::uint16_t>(code);
}

/// True when it may stand in a close frame (§7.4): 1000-1003, 1007-1014, 3000-4999.
constexpr bool is_valid_on_wire(CloseCode close_code) noexcept {
  const std::uint16_t code = to_integer(close_code);
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/// The longest reason, in bytes of UTF-8, that fits a close frame (§5.5.1).
inline constexpr std::size_t max_close_reason = 123;

/// Who ended the connection first.
enum class ClosedBy : std::uint8_t {
  nobody,   ///< it has not ended
  us,       ///< our close(), or a violation that we found
  peer,     ///< the peer's close frame came first, or it refused the handshake
  network,  ///< the byte stream ended or went silent without a close frame
};

/// How a connection ended: one value for every driver. What we sent and what we received are kept apart.
struct CloseInfo {
  /// Who ended it.
  ClosedBy by = ClosedBy::nobody;
  /// The step that failed; none after a clean closing handshake.
  Step step = Step::none;
  /// The cause; none after a clean closing handshake, and if the cause is not the protocol's:
  /// cpwebsockets::Client then tells it by failure().
  Error error = Error::none;
  /// Code in the close frame that we sent; no_status_received if it had no code. A frame that waits for room
  /// in the send buffer is not sent yet. One that Connection::send_failed() has dropped was not sent after
  /// all: Connection::close_info() is right at the end.
  CloseCode sent = CloseCode::none;
  CloseCode received =
      CloseCode::none;  ///< in the one that we received; no_status_received if it had no code
  /// Reason received from the peer, valid UTF-8. It stays valid as long as the connection's receive buffer.
  std::string_view reason;

  /// Close frames went both ways (§7.1.4 "closed cleanly").
  [[nodiscard]] constexpr bool clean() const noexcept {
    return sent != CloseCode::none && received != CloseCode::none && step == Step::none;
  }
  /// "The WebSocket Connection Close Code" of §7.1.5: what the peer sent, else 1006.
  [[nodiscard]] constexpr CloseCode code() const noexcept {
    return received != CloseCode::none ? received : CloseCode::abnormal_closure;
  }
};

/// The code that tells the peer about `error` (§7.4.1): 1002, 1007, 1009 or 1011.
[[nodiscard]] CloseCode close_code_for(Error error) noexcept;

}  // namespace cpwebsockets::protocol
