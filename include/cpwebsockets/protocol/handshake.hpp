/// The opening handshake (RFC 6455 §4): HTTP headers, what a client asks for, what a server answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpwebsockets/protocol/error.hpp"
#include "cpwebsockets/protocol/url.hpp"

namespace cpwebsockets::protocol {

/// A header field. Views: the text must outlive their use.
struct Header {
  /// A token (RFC 9110 §5.6.2). Case does not matter.
  std::string_view name = {};
  /// Without blanks around it.
  std::string_view value = {};
};

/// The header fields of a request or a response, iterated in place.
class HeaderBlock {
 public:
  HeaderBlock() = default;
  /// `text`: the lines behind the start line, each ended by CR LF or LF.
  explicit HeaderBlock(std::string_view text) noexcept : rest_(text) {}
  /// The fields of a whole header: `header` is a start line, fields, and the blank line.
  static HeaderBlock behind_start_line(std::string_view header) noexcept;

  /// Takes the next field off; false at the end. After validate(), every line is a well-formed field; those
  /// of a Refused event are well-formed, too.
  bool next(Header& field) noexcept;

  /// The value of the first field with this name (case does not matter), or an empty view.
  [[nodiscard]] std::string_view find(std::string_view name) const noexcept;

  /// True when every line is a field of RFC 9112 §5: a token, a colon without blanks before it, a value
  /// without control characters, no folded lines.
  [[nodiscard]] bool validate() const noexcept;

  /// The lines that next() has not taken off.
  [[nodiscard]] std::string_view text() const noexcept { return rest_; }

 private:
  std::string_view rest_;
};

class HttpWriter;

/// Basic credentials (RFC 7617), percent-encoded as in a URL. A program that makes none does not link them.
class Credentials {
 public:
  constexpr Credentials() noexcept = default;
  /// User and password, both percent-encoded.
  Credentials(std::string_view user, std::string_view password) noexcept;

  /// The library's own: writes them, unless `headers` has an Authorization.
  void write_to(HttpWriter& out, std::span<const Header> headers) const noexcept {
    // By value: if nobody gets the request's address, the compiler can know that it has no headers.
    if (write_ != nullptr) write_(out, headers, user_, password_);
  }

 private:
  std::string_view user_;
  std::string_view password_;
  void (*write_)(HttpWriter& out, std::span<const Header> headers, std::string_view user,
                 std::string_view password) noexcept = nullptr;
};

/// What a client asks a server for. All views must stay valid until the handshake has ended.
struct Request {
  std::string_view host = {};    ///< the Host header: name or address, with the port if not the default
  std::string_view path = "/";   ///< begins with '/'; empty means "/"
  std::string_view query = {};   ///< with its '?', or empty
  std::string_view origin = {};  ///< sent when not empty
  std::span<const std::string_view> subprotocols = {};  ///< in order of preference; tokens, no repeats
  std::span<const Header> headers = {};                 ///< further fields; the handshake's own are refused

  Credentials credentials = {};  ///< not sent if `headers` has an Authorization

  /// The request for what `url` names, its credentials included.
  static Request to(const Url& url) noexcept;
};

/// What a server answers to a request that it accepts.
struct Acceptance {
  std::string_view subprotocol = {};     ///< one of those the client offered, or empty
  std::span<const Header> headers = {};  ///< further fields
};

/// none, or what is wrong with the field's name or value. A user may not set the handshake's own fields
/// (Host, Upgrade, Connection, Content-Length, Transfer-Encoding, Sec-WebSocket-*), nor inject a line.
[[nodiscard]] Error check_header(const Header& field) noexcept;

/// none, or invalid_subprotocol.
[[nodiscard]] Error check_subprotocols(std::span<const std::string_view> subprotocols) noexcept;

/// True when the comma-separated `list` holds `token` (case does not matter).
[[nodiscard]] bool has_token(std::string_view list, std::string_view token) noexcept;

/// The value of Sec-WebSocket-Accept for a Sec-WebSocket-Key of 24 characters (§4.2.2 step 5.4).
[[nodiscard]] std::array<char, 28> accept_value(std::string_view key) noexcept;

}  // namespace cpwebsockets::protocol
