/// What a client is asked for, and how long a call may wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "cpwebsockets/protocol/deflate_options.hpp"
#include "cpwebsockets/protocol/time.hpp"
#include "cpwebsockets/transport/tls_options.hpp"

namespace cpwebsockets {

namespace transport {
class TlsContext;
}

using protocol::DeflateOptions;
using protocol::no_limit;

/// Direction of bytes given to Options::wire_tap.
enum class Direction : std::uint8_t {
  sent,      ///< from us to the server
  received,  ///< from the server to us
};

/// Options of a connection, each with its default. Copied by connect().
///
/// Times: any is a number of milliseconds, 0 for no time at all, or no_limit. Negative ones are 0.
struct Options {
  /// Further header fields of the request: name and value. An Authorization replaces the URL's credentials. A
  /// field that belongs to the handshake, or is not well-formed, fails it (see protocol::check_header()).
  std::vector<std::pair<std::string, std::string>> headers;
  /// Value of the Origin field (RFC 6455 §10.2). Empty: none is sent.
  std::string origin;
  /// Subprotocols to offer (RFC 6455 §1.9), in order of preference. Client::subprotocol() tells the server's
  /// choice.
  std::vector<std::string> subprotocols;
  /// TLS of wss:// URLs.
  TlsOptions tls;
  /// A context made by transport::TlsContext::client(), for settings that `tls` lacks. It replaces all of
  /// `tls` but server_name. Null: connections with equal `tls` share one context, and resume each other's
  /// sessions.
  std::shared_ptr<transport::TlsContext> tls_context;
  /// Offers permessage-deflate (RFC 7692) when set: `options.compression.emplace()`. A library built without
  /// deflate ignores it.
  std::optional<DeflateOptions> compression;

  /// For name lookup, TCP and TLS together.
  std::chrono::milliseconds connect_timeout{10'000};
  /// For the opening handshake (RFC 6455 §4).
  std::chrono::milliseconds handshake_timeout{10'000};
  /// Ends a sending call when the socket has taken no byte for so long.
  std::chrono::milliseconds send_timeout{30'000};
  /// For each step of a close: room for our close frame, the server's close frame, the end of the stream. At
  /// least 1 ms.
  std::chrono::milliseconds close_timeout{5'000};
  /// Keepalive: a ping is sent after this long without a byte from the server; no_limit: never. There is no
  /// hidden thread: this happens inside of calls, as all of the client's work.
  std::chrono::milliseconds ping_interval{20'000};
  /// Keepalive: silence after that ping that ends the connection with protocol::Error::keepalive_timeout.
  std::chrono::milliseconds pong_timeout{20'000};

  /// The largest message to receive, in bytes after inflation. A larger one ends the connection with 1009.
  std::uint64_t max_message_size = 16U << 20;
  /// The largest frame to receive, in bytes of payload. A larger one ends the connection with 1009.
  std::uint64_t max_frame_size = ~std::uint64_t{0};
  /// Bytes of payload in the largest frame that is sent, at least 1. A message up to this size leaves as one
  /// frame, as some servers do not take fragmented messages. A compressed one may take several frames, each
  /// as large as the send buffer. Pings and pongs wait for the end of a frame.
  std::size_t frame_size = 1U << 20;
  /// Bytes, at least 256. The handshake's own fields in the server's answer must fit, each by itself.
  std::size_t receive_buffer_size = 64U << 10;
  /// Bytes, at least 256. The request must fit. A message that fits is sent by one system call.
  std::size_t send_buffer_size = 64U << 10;

  /// Is given the bytes of the WebSocket protocol as they pass, before TLS encrypts and after it decrypts
  /// them, for traces and recordings. Called by the thread that sends or receives, with a lock held: it must
  /// not call the client. After an exception it is not called again.
  std::function<void(Direction, std::span<const std::byte>)> wire_tap;
};

/// How long a call may wait. Made from a duration, no_limit, a stop token, or a duration and a token. `{}` is
/// the call's own default.
struct Wait {
  Wait() = default;
  /// Any duration, rounded up to milliseconds. A negative one is 0, and so is one that is not a number.
  template <typename Rep, typename Period>
  Wait(std::chrono::duration<Rep, Period> limit,  // NOLINT(google-explicit-constructor)
       std::stop_token token = {})
      : timeout(in_range(limit)), stop(std::move(token)) {}
  /// As long as it takes.
  Wait(protocol::NoLimit limit, std::stop_token token = {})  // NOLINT(google-explicit-constructor)
      : timeout(limit), stop(std::move(token)) {}
  /// As long as the call waits by default, or until stop is requested.
  Wait(std::stop_token token) : stop(std::move(token)) {}  // NOLINT(google-explicit-constructor)

  /// Limit of the call, 0 to return at once. Unset: the call's own default.
  std::optional<std::chrono::milliseconds> timeout;
  /// A request to stop ends the wait with std::errc::operation_canceled.
  std::stop_token stop;

 private:
  template <typename Rep, typename Period>
  static constexpr std::chrono::milliseconds in_range(std::chrono::duration<Rep, Period> limit) {
    const double seconds = std::chrono::duration<double>(limit).count();
    if (!(seconds > 0)) return std::chrono::milliseconds(0);  // also what is not a number
    if (seconds >= 100.0 * 365 * 24 * 3600) return no_limit;  // a century
    return std::chrono::ceil<std::chrono::milliseconds>(limit);
  }
};

}  // namespace cpwebsockets
