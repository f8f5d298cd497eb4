/// How the blocking client reports what went wrong:
/// std::error_code, and one exception that carries the story.
#pragma once

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cpwebsockets/protocol/close.hpp"
#include "cpwebsockets/protocol/error.hpp"

namespace cpwebsockets {

using protocol::CloseCode;
using protocol::ClosedBy;
using protocol::Step;

/// Category of protocol::Error: `ec == protocol::Error::accept_mismatch` works.
[[nodiscard]] const std::error_category& protocol_category() noexcept;
/// Category of name resolution; the values are those of getaddrinfo(3).
[[nodiscard]] const std::error_category& resolve_category() noexcept;

/// What a server that refused the handshake answered.
struct Refusal {
  int status = 0;  ///< HTTP status; 0: the handshake was not refused
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< its first bytes, as many as fit the receive buffer
};

/// What ended a connection or kept it from opening. Empty (`step == none`) after a clean end.
struct Failure {
  Step step = Step::none;
  std::error_code code;
  std::string sentence;  ///< for a person: step, cause, and what it was about
  Refusal refusal;
};

/// How a connection ended (RFC 6455 §7.1).
struct CloseInfo {
  ClosedBy by = ClosedBy::nobody;
  std::uint16_t sent = 0;      ///< code of the close frame we sent; 0 none, 1005 without a code
  std::uint16_t received = 0;  ///< code of the close frame we received; 0 none, 1005 without a code
  std::string reason;          ///< the peer's reason
  Failure failure;             ///< empty after a clean closing handshake

  /// Close frames went both ways.
  [[nodiscard]] bool clean() const noexcept {
    return sent != 0 && received != 0 && failure.step == Step::none;
  }
  /// "The WebSocket Connection Close Code" of §7.1.5: what the peer sent, else 1006.
  [[nodiscard]] std::uint16_t code() const noexcept {
    return received != 0 ? received : static_cast<std::uint16_t>(CloseCode::abnormal_closure);
  }
};

/// Thrown by the throwing forms of the client. code() compares
/// as the error_code forms do; what() is the sentence.
class ConnectionError : public std::system_error {
 public:
  explicit ConnectionError(Failure failure) : std::system_error(failure.code), failure_(std::move(failure)) {}
  [[nodiscard]] const char* what() const noexcept override { return failure_.sentence.c_str(); }
  [[nodiscard]] Step step() const noexcept { return failure_.step; }
  [[nodiscard]] const Failure& failure() const noexcept { return failure_; }

 private:
  Failure failure_;
};

}  // namespace cpwebsockets

namespace cpwebsockets::protocol {
[[nodiscard]] std::error_code make_error_code(Error error) noexcept;
}

template <>
struct std::is_error_code_enum<cpwebsockets::protocol::Error> : std::true_type {};
