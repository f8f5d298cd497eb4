/// The blocking WebSocket client for hosts.
///
///     auto ws = cpwebsockets::connect("wss://example.com/feed");
///     ws.send("hello");
///     while (auto message = ws.receive()) std::cout << message->text() << '\n';
#pragma once

#include <chrono>
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "cpwebsockets/error.hpp"
#include "cpwebsockets/message.hpp"
#include "cpwebsockets/message_writer.hpp"
#include "cpwebsockets/options.hpp"
#include "cpwebsockets/transport/handle.hpp"

namespace cpwebsockets {

/// One connection. Move-only; the destructor closes with 1000 and waits at most Options::close_timeout for
/// each step of that.
///
/// Threads: one thread may receive while any number of others send, ping and close. A second receiver gets
/// std::errc::operation_in_progress. A view that was handed out stays as it is until the next receiving call,
/// whatever other threads do. No other thread may be inside a call while the object is moved or destroyed.
///
/// Errors: each call has the forms (..., wait, ec), (..., ec) and (..., wait). Those with std::error_code&
/// never throw, the others throw ConnectionError, or std::bad_alloc where memory for that is out. `ec ==
/// Condition::repeat` (std::errc::timed_out or operation_canceled) means that the call's wait ended, nothing
/// was lost, and the call can be repeated. `ec == Condition::ended` means that the connection has ended;
/// every later call says so. Its code is the cause: a protocol::Error, a ClientError, an errno value, a code
/// of tls_category(), the server's CloseCode, or std::errc::not_connected after a clean end. close_info() has
/// the whole story.
class Client {
#if __cpp_exceptions
  template <typename Call>
  auto checked(Call call) {
    std::error_code ec;
    if constexpr (std::is_void_v<decltype(call(ec))>) {
      call(ec);
      if (ec) throw ConnectionError(failure(ec));
    } else {
      auto result = call(ec);
      if (ec) throw ConnectionError(failure(ec));
      return result;
    }
  }
  // A wait that ended is a result of its own.
  template <typename Call>
  auto received(Call call) {
    std::error_code ec;
    auto result = call(ec);
    if (ec && !result.timed_out() && !result.stopped()) throw ConnectionError(failure(ec));
    return result;
  }
#endif

 public:
  Client() noexcept;  ///< not connected
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// Sends a text message; ClientError::text_not_utf8 if it is not UTF-8. One message is one frame up to
  /// Options::frame_size. When it returns, the message is accepted as a whole: should the wait end while the
  /// socket is full, the rest leaves with the next calls. Only a message larger than
  /// Options::send_buffer_size can end half-sent: then the end of its wait ends the connection, with
  /// ClientError::message_cut_short. By default a wait ends when the socket has taken nothing for
  /// Options::send_timeout.
  ///
  /// Who only sends is a full endpoint, too: sending calls answer pings, keep the connection alive, and learn
  /// of its end. They look for what has come when the last look is 100 ms ago, up to the next message.
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
  /// Gathers what this thread sends from here on; where memory is out, nothing gathers.
  [[nodiscard]] Batch batch() noexcept;

  /// The next message, or nothing at the end of the connection: without an error after a clean close with
  /// 1000, 1001 or no code. Any other code with which the server closes is an error: `ec ==
  /// CloseCode::internal_error`. Waits without limit by default: keepalive ends the wait when the server is
  /// gone. A limit that comes first, or a stop request, throws nothing: Received tells.
  Received<Message> receive(const Wait& wait, std::error_code& ec);
  Received<Message> receive(std::error_code& ec) {
    return receive({}, ec);
  }
  /// The same without a copy of the payload and, from the second message on, without allocation.
  Received<MessageView> receive_view(const Wait& wait, std::error_code& ec);
  Received<MessageView> receive_view(std::error_code& ec) {
    return receive_view({}, ec);
  }
  /// The next piece of a message, as it comes. receive() is refused until the message has ended, by
  /// ClientError::message_in_parts.
  Received<MessagePart> receive_part(const Wait& wait, std::error_code& ec);
  Received<MessagePart> receive_part(std::error_code& ec) {
    return receive_part({}, ec);
  }

  /// Sends a ping of at most 125 bytes. Its pong is measured when a call meets it: see round_trip().
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
  /// another thread is inside a receiving call. A server that does not answer is no error: see close_info().
  /// At the end of `wait` the connection goes on closing: repeat the call, or destroy the client.
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
  /// The story behind an error that a call has reported, as exceptions carry it.
  [[nodiscard]] Failure failure(std::error_code ec) const;
  /// Round trip of the last answered ping, ours or the keepalive's; zero before.
  [[nodiscard]] std::chrono::microseconds round_trip() const noexcept;
  /// The socket, for socket options; no_handle when the connection has ended. Reading or writing it breaks
  /// the connection.
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
  Received<Message> receive(const Wait& wait = {}) {
    return received([&](auto& ec) { return receive(wait, ec); });
  }
  Received<MessageView> receive_view(const Wait& wait = {}) {
    return received([&](auto& ec) { return receive_view(wait, ec); });
  }
  Received<MessagePart> receive_part(const Wait& wait = {}) {
    return received([&](auto& ec) { return receive_part(wait, ec); });
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
  if (ec) throw ConnectionError(client.failure(ec));
  return client;
}

template <std::convertible_to<Wait> Limit>
[[nodiscard]] Client connect(std::string_view url, const Limit& wait) {
  return connect(url, Options{}, Wait(wait));
}

#endif

}  // namespace cpwebsockets
