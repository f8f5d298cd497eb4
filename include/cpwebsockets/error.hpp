/// How clients report what went wrong: std::error_code, and one exception that carries the whole story.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cpwebsockets/close.hpp"
#include "cpwebsockets/protocol/error.hpp"
#include "cpwebsockets/transport/resolve_category.hpp"

namespace cpwebsockets {

using protocol::Step;

/// Category of protocol::Error: `ec == protocol::Error::accept_mismatch` works.
[[nodiscard]] const std::error_category& protocol_category() noexcept;
/// Category of name lookup. Its values are those of getaddrinfo(3).
using transport::resolve_category;
/// Category of the close codes with which a server ended a connection abnormally: `ec ==
/// CloseCode::internal_error` works. A code of the application, 3000 to 4999, is `ec.value()`.
[[nodiscard]] const std::error_category& close_category() noexcept;
/// Category of ClientError.
[[nodiscard]] const std::error_category& client_category() noexcept;

/// What a client finds wrong beside the protocol.
enum class ClientError : int {
  text_not_utf8 = 1,  ///< the text to send is not UTF-8: nothing was sent
  message_in_parts,   ///< another receiving call after receive_part() returned a part that was not the last
  message_cut_short,  ///< a message larger than the send buffer did not leave in time: the connection has
                      ///< ended
  message_too_large_for_memory,  ///< no memory for a message that came: the connection has ended, with 1009
  close_not_sent,  ///< the socket took no close frame within close_timeout: the connection has ended
};
/// The code of a ClientError.
[[nodiscard]] std::error_code make_error_code(ClientError error) noexcept;

/// What a caller can do about an error. Codes that meet neither condition are wrong arguments: nothing
/// happened.
enum class Condition : int {
  repeat = 1,  ///< the wait ended by its limit or by a stop request: nothing was lost, and the call can be
               ///< repeated
  ended,       ///< the connection has ended or did not open, and every later call says so
};
/// The condition, to compare with: `ec == Condition::repeat`.
[[nodiscard]] std::error_condition make_error_condition(Condition condition) noexcept;

/// What a server answered that refused the opening handshake.
struct Refusal {
  /// HTTP status, 200 to 999. 0: the handshake was not refused.
  int status = 0;
  /// Name and value of the header fields.
  std::vector<std::pair<std::string, std::string>> headers;
  /// The first bytes of the body, as many as fit the receive buffer.
  std::string body;

  /// The value of the first field called `name`, such as "Location", "WWW-Authenticate" or "Retry-After".
  /// Case does not matter. Empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// Why a connection ended or did not open.
struct Failure {
  /// The step that failed; none after a clean end.
  Step step = Step::none;
  /// The cause.
  std::error_code code;
  /// For a person: the step, the cause, and what it was about. It shows no credentials, and no query of a
  /// URL.
  std::string sentence;
  /// The server's answer, if it refused the handshake.
  Refusal refusal;
};

/// Thrown by the forms of the client's calls that take no std::error_code. docs/errors.md says what each
/// cause means, and what to do about it.
class ConnectionError : public std::system_error {
 public:
  /// Carries `failure`.
  explicit ConnectionError(Failure failure) : std::system_error(failure.code), failure_(std::move(failure)) {}
  /// The sentence. code() is what the forms with `ec` report.
  [[nodiscard]] const char* what() const noexcept override { return failure_.sentence.c_str(); }
  /// The step that failed.
  [[nodiscard]] Step step() const noexcept { return failure_.step; }
  /// The whole story.
  [[nodiscard]] const Failure& failure() const noexcept { return failure_; }

 private:
  Failure failure_;
};

}  // namespace cpwebsockets

namespace cpwebsockets::protocol {
/// The code of a protocol::Error, in protocol_category().
[[nodiscard]] std::error_code make_error_code(Error error) noexcept;
/// A close code as an error, in close_category().
[[nodiscard]] std::error_code make_error_code(CloseCode code) noexcept;
}  // namespace cpwebsockets::protocol

/// @cond
template <>
struct std::is_error_code_enum<cpwebsockets::protocol::Error> : std::true_type {};
template <>
struct std::is_error_code_enum<cpwebsockets::protocol::CloseCode> : std::true_type {};
template <>
struct std::is_error_code_enum<cpwebsockets::ClientError> : std::true_type {};
template <>
struct std::is_error_condition_enum<cpwebsockets::Condition> : std::true_type {};
/// @endcond
