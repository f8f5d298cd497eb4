/// The blocking WebSocket client for POSIX hosts.
///
///     auto ws = cpwebsockets::connect("wss://example.com/feed");
///     ws.send("hello");
///     while (auto message = ws.receive()) std::cout << message->text() << '\n';
#pragma once

#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "cpwebsockets/error.hpp"
#include "cpwebsockets/message.hpp"
#include "cpwebsockets/options.hpp"
#include "cpwebsockets/transport/handle.hpp"

namespace cpwebsockets {

class Client;
class ClientCore;  // the implementation, in src/client/

/// Sends a message of unknown length piece by piece. Other senders wait until it is finished; pings and pongs
/// go between its frames. It must not outlive the client. Destroyed unfinished, it closes the connection with
/// 1001, as a message cannot be taken back.
class MessageWriter {
 public:
  MessageWriter(MessageWriter&& other) noexcept
      : core_(other.core_), active_(std::exchange(other.active_, false)) {}
  MessageWriter& operator=(MessageWriter&&) = delete;
  ~MessageWriter();

  /// Sends a piece. After timed_out or operation_canceled, taken()
  /// tells how much of it was sent: repeat the rest.
  void append(std::string_view piece, const Wait& wait, std::error_code& ec);
  void append(std::string_view piece, std::error_code& ec) { append(piece, {}, ec); }
  void append(Binary piece, const Wait& wait, std::error_code& ec);
  void append(Binary piece, std::error_code& ec) { append(piece, {}, ec); }
  /// Ends the message. Can be repeated after a timeout, and after invalid_utf8: the text ends inside a code
  /// point, whose rest can still be appended.
  void finish(const Wait& wait, std::error_code& ec);
  void finish(std::error_code& ec) { finish({}, ec); }
  /// Bytes of the latest piece that were taken.
  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }

#if __cpp_exceptions
  void append(std::string_view piece, const Wait& wait = {});
  void append(Binary piece, const Wait& wait = {});
  void finish(const Wait& wait = {});
#endif

 private:
  friend class Client;
  MessageWriter(ClientCore* core, bool active) noexcept : core_(core), active_(active) {}
  ClientCore* core_;
  bool active_;  // the message is begun and not finished
  std::size_t taken_ = 0;
};

/// While it lives, sent messages gather in the send buffer: several small ones leave in one system call, at
/// its end, before any wait, and whenever 16 KiB have gathered. It must not outlive the client.
class Batch {
 public:
  Batch(Batch&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  Batch& operator=(Batch&&) = delete;
  ~Batch();

 private:
  friend class Client;
  explicit Batch(ClientCore* core) noexcept : core_(core) {}
  ClientCore* core_;
};

/// One connection. Move-only; the destructor closes with 1000 and waits at most Options::close_timeout for
/// each step of that.
///
/// Threads: one thread may receive while any number of others send, ping and
/// close. A second receiver gets std::errc::operation_in_progress. No other
/// thread may be inside a call while the object is moved or destroyed.
///
/// Errors: each call has the forms (..., wait, ec), (..., ec) and (..., wait). Those with std::error_code&
/// never throw, the others throw ConnectionError. Codes are protocol::Error, errno values,
/// resolve_category(), tls_category(); std::errc::timed_out and operation_canceled for waits, after which
/// nothing is lost and the call can be repeated; std::errc::not_connected when the connection has ended
/// cleanly.
class Client {
  /// The story behind `ec`, for an exception.
  static Failure explain(const ClientCore* core, std::error_code ec);

#if __cpp_exceptions
  template <typename Call>
  auto checked(Call call) {
    std::error_code ec;
    if constexpr (std::is_void_v<decltype(call(ec))>) {
      call(ec);
      if (ec) throw ConnectionError(explain(core_.get(), ec));
    } else {
      auto result = call(ec);
      if (ec) throw ConnectionError(explain(core_.get(), ec));
      return result;
    }
  }
#endif

 public:
  Client() noexcept;  ///< not connected
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// Sends a text message; protocol::Error::invalid_utf8 if it is not UTF-8. One message is one frame and one
  /// send(2) if it fits Options::send_buffer_size; a larger one leaves in several frames. When it returns,
  /// the message is accepted as a whole: should the wait end while the socket is full, the rest leaves with
  /// the next calls. Only a larger message can end half-sent: then the end of its wait ends the connection.
  void send(std::string_view text, const Wait& wait, std::error_code& ec);
  void send(std::string_view text, std::error_code& ec) {
    send(text, {}, ec);
  }
  /// Sends a binary message.
  void send(Binary binary, const Wait& wait, std::error_code& ec);
  void send(Binary binary, std::error_code& ec) {
    send(binary, {}, ec);
  }
  /// The same for bytes that stand in a string.
  void send_binary(std::string_view bytes, const Wait& wait, std::error_code& ec) {
    send(Binary(std::span(bytes)), wait, ec);
  }
  void send_binary(std::string_view bytes, std::error_code& ec) {
    send_binary(bytes, {}, ec);
  }
  /// Begins a message that is sent piece by piece; waits for its turn among other senders.
  [[nodiscard]] MessageWriter begin_text(const Wait& wait, std::error_code& ec);
  [[nodiscard]] MessageWriter begin_text(std::error_code& ec) {
    return begin_text({}, ec);
  }
  [[nodiscard]] MessageWriter begin_binary(const Wait& wait, std::error_code& ec);
  [[nodiscard]] MessageWriter begin_binary(std::error_code& ec) {
    return begin_binary({}, ec);
  }
  /// Gathers what this and other threads send from here on.
  [[nodiscard]] Batch batch();

  /// The next message; empty at the end of the connection: without an error when it was closed cleanly. Waits
  /// without limit by default: keepalive ends the wait when the server is gone.
  [[nodiscard]] std::optional<Message> receive(const Wait& wait, std::error_code& ec);
  [[nodiscard]] std::optional<Message> receive(std::error_code& ec) {
    return receive({}, ec);
  }
  /// The same without a copy of the payload and, from the second message on, without allocation.
  [[nodiscard]] std::optional<MessageView> receive_view(const Wait& wait, std::error_code& ec);
  [[nodiscard]] std::optional<MessageView> receive_view(std::error_code& ec) {
    return receive_view({}, ec);
  }
  /// The next piece of a message, as it comes.
  [[nodiscard]] std::optional<MessagePart> receive_part(const Wait& wait, std::error_code& ec);
  [[nodiscard]] std::optional<MessagePart> receive_part(std::error_code& ec) {
    return receive_part({}, ec);
  }

  /// Sends a ping of at most 125 bytes. Its pong is measured when
  /// a receiving call meets it: see round_trip().
  void ping(std::string_view payload, const Wait& wait, std::error_code& ec);
  void ping(std::string_view payload, std::error_code& ec) {
    ping(payload, {}, ec);
  }
  void ping(std::error_code& ec) {
    ping({}, {}, ec);
  }

  /// Sends a close frame (§7.1.2) and returns: receiving calls go on to deliver what the server still sends,
  /// up to its close frame. `code`: 1000-1003, 1007-1014, 3000-4999, or 1005 for none; `reason`: UTF-8, 123
  /// bytes at most; std::errc::invalid_argument otherwise. Closing what is closed is no error.
  void start_close(std::uint16_t code, std::string_view reason, const Wait& wait, std::error_code& ec);
  void start_close(std::uint16_t code, std::string_view reason, std::error_code& ec) {
    start_close(code, reason, {}, ec);
  }
  void start_close(std::error_code& ec) {
    start_close(1000, {}, {}, ec);
  }
  /// Runs the whole closing handshake and ends the stream. Messages that come meanwhile are dropped, unless
  /// another thread is receiving. A server that does not answer is no error: see close_info().
  void close(std::uint16_t code, std::string_view reason, const Wait& wait, std::error_code& ec);
  void close(std::uint16_t code, std::string_view reason, std::error_code& ec) {
    close(code, reason, {}, ec);
  }
  void close(std::error_code& ec) {
    close(1000, {}, {}, ec);
  }

  [[nodiscard]] bool is_open() const noexcept;
  [[nodiscard]] std::string subprotocol() const;  ///< the one the server chose, or empty
  [[nodiscard]] std::string extensions() const;   ///< Sec-WebSocket-Extensions as negotiated, or empty
  [[nodiscard]] CloseInfo close_info() const;     ///< how it ended, or why it did not open
  /// Round trip of the last answered ping, ours or the keepalive's; zero before.
  [[nodiscard]] std::chrono::microseconds round_trip() const noexcept;
  /// The socket, for socket options; no_handle when not connected. Reading or writing it breaks the
  /// connection.
  [[nodiscard]] transport::Handle native_handle() const noexcept;

#if __cpp_exceptions
  void send(std::string_view text, const Wait& wait = {}) {
    checked([&](auto& ec) { send(text, wait, ec); });
  }
  void send(Binary binary, const Wait& wait = {}) {
    checked([&](auto& ec) { send(binary, wait, ec); });
  }
  void send_binary(std::string_view bytes, const Wait& wait = {}) {
    checked([&](auto& ec) { send_binary(bytes, wait, ec); });
  }
  [[nodiscard]] MessageWriter begin_text(const Wait& wait = {}) {
    return checked([&](auto& ec) { return begin_text(wait, ec); });
  }
  [[nodiscard]] MessageWriter begin_binary(const Wait& wait = {}) {
    return checked([&](auto& ec) { return begin_binary(wait, ec); });
  }
  [[nodiscard]] std::optional<Message> receive(const Wait& wait = {}) {
    return checked([&](auto& ec) { return receive(wait, ec); });
  }
  [[nodiscard]] std::optional<MessageView> receive_view(const Wait& wait = {}) {
    return checked([&](auto& ec) { return receive_view(wait, ec); });
  }
  [[nodiscard]] std::optional<MessagePart> receive_part(const Wait& wait = {}) {
    return checked([&](auto& ec) { return receive_part(wait, ec); });
  }
  void ping(std::string_view payload = {}, const Wait& wait = {}) {
    checked([&](auto& ec) { ping(payload, wait, ec); });
  }
  void start_close(std::uint16_t code = 1000, std::string_view reason = {}, const Wait& wait = {}) {
    checked([&](auto& ec) { start_close(code, reason, wait, ec); });
  }
  void close(std::uint16_t code = 1000, std::string_view reason = {}, const Wait& wait = {}) {
    checked([&](auto& ec) { close(code, reason, wait, ec); });
  }
#endif

 private:
  friend Client connect(std::string_view, const Options&, const Wait&, std::error_code&);
  friend class MessageWriter;
  explicit Client(std::unique_ptr<ClientCore> core) noexcept;
  [[nodiscard]] MessageWriter begin(bool is_text, const Wait& wait, std::error_code& ec);

  std::unique_ptr<ClientCore> core_;
};

/// Connects to a ws:// or wss:// URL: resolves the name, tries its addresses
/// side by side (RFC 8305), runs TLS and the opening handshake. On an error
/// the returned client is not open and its close_info() tells the story.
[[nodiscard]] Client connect(std::string_view url, const Options& options, const Wait& wait,
                             std::error_code& ec);
[[nodiscard]] inline Client connect(std::string_view url, const Options& options, std::error_code& ec) {
  return connect(url, options, {}, ec);
}
[[nodiscard]] inline Client connect(std::string_view url, std::error_code& ec) {
  return connect(url, Options{}, Wait{}, ec);
}
/// With default options and a wait: a duration or a stop_token.
template <std::convertible_to<Wait> Limit>
[[nodiscard]] Client connect(std::string_view url, const Limit& wait, std::error_code& ec) {
  return connect(url, Options{}, Wait(wait), ec);
}

#if __cpp_exceptions
/// The same, throwing ConnectionError.
[[nodiscard]] inline Client connect(std::string_view url, const Options& options = {},
                                    const Wait& wait = {}) {
  std::error_code ec;
  Client client = connect(url, options, wait, ec);
  if (ec) throw ConnectionError(client.close_info().failure);
  return client;
}

template <std::convertible_to<Wait> Limit>
[[nodiscard]] Client connect(std::string_view url, const Limit& wait) {
  return connect(url, Options{}, Wait(wait));
}

inline void MessageWriter::append(Binary piece, const Wait& wait) {
  std::error_code ec;
  append(piece, wait, ec);
  if (ec) throw ConnectionError(Client::explain(core_, ec));
}
inline void MessageWriter::append(std::string_view piece, const Wait& wait) {
  append(Binary(std::span(piece)), wait);
}
inline void MessageWriter::finish(const Wait& wait) {
  std::error_code ec;
  finish(wait, ec);
  if (ec) throw ConnectionError(Client::explain(core_, ec));
}
#endif

}  // namespace cpwebsockets
