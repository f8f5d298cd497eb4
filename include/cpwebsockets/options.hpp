/// Options of a client. Every wait has a bound, and its default stands here.
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
#include "cpwebsockets/transport/tls_options.hpp"

namespace cpwebsockets {

namespace transport {
class TlsContext;
}

/// permessage-deflate (RFC 7692).
using CompressionOptions = protocol::DeflateOptions;

/// Direction of bytes given to Options::wire_tap.
enum class Direction : std::uint8_t { sent, received };

struct Options {
  /// Further header fields of the request. An Authorization stands for the URL's credentials.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string origin;                     ///< sent when not empty
  std::vector<std::string> subprotocols;  ///< in order of preference
  TlsOptions tls;
  /// Made by transport::TlsContext::client(), for what `tls` has no option for; it then replaces all of `tls`
  /// but server_name. Null: connections with equal `tls` share one context, and the sessions in it.
  std::shared_ptr<transport::TlsContext> tls_context;
  std::optional<CompressionOptions> compression;  ///< offered when set; ignored by a build without deflate

  std::chrono::milliseconds connect_timeout{10'000};    ///< resolving, TCP and TLS together
  std::chrono::milliseconds handshake_timeout{10'000};  ///< the opening handshake; 0: no limit
  std::chrono::milliseconds send_timeout{30'000};       ///< in which a sending call must get on at all
  /// At least 1 ms: for room for our close frame, for the server's, and for the end of the stream, each.
  std::chrono::milliseconds close_timeout{5'000};
  /// A ping after this long without a byte from the server; 0: never. Like all of the client's work, it
  /// happens inside calls: there is no hidden thread.
  std::chrono::milliseconds ping_interval{20'000};
  std::chrono::milliseconds pong_timeout{20'000};  ///< silence after that ping that ends it; 0: no limit

  std::uint64_t max_message_size = 16U << 20;        ///< bytes after inflation: a larger one ends with 1009
  std::uint64_t max_frame_size = ~std::uint64_t{0};  ///< bytes of one frame
  /// Bytes of payload of the frames that we send, at least 1. Some servers do not put the frames of a message
  /// together again: a message up to this size leaves as one. Compressed, it may take several, as large as
  /// the send buffer. Pings and pongs wait for the end of a frame.
  std::size_t frame_size = 1U << 20;
  /// Bytes, at least 256. The lines that matter in the header of the server's handshake must fit.
  std::size_t receive_buffer_size = 64U << 10;
  /// Bytes, at least 256. The request must fit; a message that fits leaves in one send(2).
  std::size_t send_buffer_size = 64U << 10;

  /// Sees the bytes of the WebSocket protocol as they pass, inside TLS, for traces and recordings. Called
  /// with a lock held: it must not call the client. One that throws is not called again.
  std::function<void(Direction, std::span<const std::byte>)> wire_tap;
};

/// How long a call may wait. Converts from a duration, a
/// stop_token, or both; Wait{} means the call's own default.
struct Wait {
  Wait() = default;
  /// Any duration, rounded up to milliseconds. Less than none, or not a number, is 0; a century and more is
  /// no limit.
  template <typename Rep, typename Period>
  Wait(std::chrono::duration<Rep, Period> limit,
       std::stop_token token = {})  // NOLINT(google-explicit-constructor)
      : timeout(in_range(limit)), stop(std::move(token)) {}
  Wait(std::stop_token token) : stop(std::move(token)) {}  // NOLINT(google-explicit-constructor)

  std::optional<std::chrono::milliseconds> timeout;  ///< 0 returns at once
  std::stop_token stop;                              ///< ends the wait with std::errc::operation_canceled

 private:
  template <typename Rep, typename Period>
  static constexpr std::chrono::milliseconds in_range(std::chrono::duration<Rep, Period> limit) {
    const double seconds = std::chrono::duration<double>(limit).count();
    if (!(seconds > 0)) return std::chrono::milliseconds(0);  // also what is not a number
    if (seconds >= 100.0 * 365 * 24 * 3600) return std::chrono::milliseconds::max();
    return std::chrono::ceil<std::chrono::milliseconds>(limit);
  }
};

}  // namespace cpwebsockets
