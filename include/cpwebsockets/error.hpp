/// How clients report what went wrong: std::error_code, and one exception that carries the story.
///
/// A code says one of two things. `ec == Condition::repeat`: the call's wait ended, nothing was lost, and the
/// call can be repeated. `ec == Condition::ended`: the connection has ended, and every later call says so.
/// Codes that are neither are wrong arguments: nothing happened.
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
/// Category of name resolution; the values are those of getaddrinfo(3).
using transport::resolve_category;

/// Category of the close codes with which a server ended a connection abnormally:
/// `ec == CloseCode::internal_error` works. Codes of the application, 3000 to 4999, stand in `ec.value()`.
[[nodiscard]] const std::error_category& close_category() noexcept;

/// What a client finds wrong beside the protocol.
enum class ClientError : int {
  text_not_utf8 = 1,  ///< the text to send is not UTF-8: nothing was sent
  message_in_parts,   ///< receive() inside a message of which receive_part() gave the beginning
  message_cut_short,  ///< a message larger than the send buffer did not get out in its time: the end
  message_too_large_for_memory,  ///< there is no memory for a message that has come: the end, by 1009
  close_not_sent,                ///< the socket took no close frame within close_timeout: the end
};
[[nodiscard]] const std::error_category& client_category() noexcept;
[[nodiscard]] std::error_code make_error_code(ClientError error) noexcept;

/// What a caller can do about an error: compare with `ec == Condition::repeat`.
enum class Condition : int {
  repeat = 1,  ///< the wait ended by its limit or by a stop request; nothing was lost
  ended,       ///< the connection has ended, or did not open
};
[[nodiscard]] std::error_condition make_error_condition(Condition condition) noexcept;

/// What a server that refused the handshake answered.
struct Refusal {
  int status = 0;  ///< HTTP status; 0: the handshake was not refused
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< its first bytes, as many as fit the receive buffer

  /// The value of the first field called `name`, such as "Location", "WWW-Authenticate", "Retry-After"; case
  /// does not matter. Empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// What ended a connection or kept it from opening. Empty (`step == none`) after a clean end.
struct Failure {
  Step step = Step::none;
  std::error_code code;
  std::string sentence;  ///< for a person: step, cause, and what it was about
  Refusal refusal;
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
[[nodiscard]] std::error_code make_error_code(CloseCode code) noexcept;
}  // namespace cpwebsockets::protocol

template <>
struct std::is_error_code_enum<cpwebsockets::protocol::Error> : std::true_type {};
template <>
struct std::is_error_code_enum<cpwebsockets::protocol::CloseCode> : std::true_type {};
template <>
struct std::is_error_code_enum<cpwebsockets::ClientError> : std::true_type {};
template <>
struct std::is_error_condition_enum<cpwebsockets::Condition> : std::true_type {};
