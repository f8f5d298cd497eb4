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
#include <type_traits>

#include "cpwebsockets/close.hpp"
#include "cpwebsockets/error.hpp"
#include "cpwebsockets/message.hpp"
#include "cpwebsockets/message_writer.hpp"
#include "cpwebsockets/options.hpp"
#include "cpwebsockets/transport/handle.hpp"

namespace cpwebsockets {

class Client;

/// Connects to a ws:// or wss:// URL: looks its name up, tries the addresses side by side (RFC 8305), runs
/// TLS and the opening handshake (RFC 6455 §4.1).
///
/// Without a `wait`, Options::connect_timeout and Options::handshake_timeout limit it, 10 s each by default;
/// a limit in `wait` replaces both. Where this throws ConnectionError, the forms with `ec` return a client
/// that is not open: Client::failure() tells which step failed and why, and has the server's answer if it
/// refused. docs/errors.md lists the causes. Thread-safe.
/// @{
#if __cpp_exceptions
[[nodiscard]] Client connect(std::string_view url, const Options& options = {}, const Wait& wait = {});
template <std::convertible_to<Wait> Limit>
[[nodiscard]] Client connect(std::string_view url, const Limit& wait);
#endif
[[nodiscard]] Client connect(std::string_view url, std::error_code& ec);
[[nodiscard]] Client connect(std::string_view url, const Options& options, std::error_code& ec);
template <std::convertible_to<Wait> Limit>
[[nodiscard]] Client connect(std::string_view url, const Limit& wait, std::error_code& ec);
[[nodiscard]] Client connect(std::string_view url, const Options& options, const Wait& wait,
                             std::error_code& ec);
/// @}

/// One connection. Move-only. The destructor closes it with code 1000, and waits at most
/// Options::close_timeout for each step of that.
///
/// **Forms.** Each call exists as `(...)`, `(..., wait)`, `(..., ec)` and `(..., wait, ec)`. A `wait` is a
/// duration, no_limit, a std::stop_token, or a Wait of a duration and a token. The forms with `ec` never
/// throw. The others throw ConnectionError, or std::bad_alloc when there is no memory for its text.
///
/// **Errors.** `ec == Condition::repeat` (std::errc::timed_out or operation_canceled) means that the wait
/// ended: nothing was lost, and the call can be repeated. `ec == Condition::ended` means that the connection
/// has ended, and every later call says so. The code is then the cause: a protocol::Error, a ClientError, an
/// errno value, a code of transport::tls_category(), the server's CloseCode, or std::errc::not_connected
/// after a clean end. close_info() and failure() tell the rest.
///
/// **Threads.** One thread may receive while any number of others send, ping and close. A second receiver
/// gets std::errc::operation_in_progress. Other threads do not change a view that a receiving call has
/// returned. Any thread may ask for the state at any time: is_open(), close_info(), failure() and so on.
/// Nobody may be inside a call while the object is moved or destroyed.
class Client {
 public:
  /// Not connected: every call says std::errc::not_connected.
  Client() noexcept;
  /// The other one is then not connected.
  Client(Client&&) noexcept;
  /// Closes the present connection as the destructor does, and takes over the other one.
  Client& operator=(Client&&) noexcept;
  ~Client();

#if __cpp_exceptions
  /// Sends a message: a string as text, other bytes as binary. ClientError::text_not_utf8 if text is not
  /// UTF-8.
  ///
  /// On return the message is accepted as a whole: what the socket has not taken when the wait ends leaves
  /// with the next calls. Only a message larger than Options::send_buffer_size can be cut off. The end of its
  /// wait then ends the connection, with ClientError::message_cut_short. Without a limit, the wait ends when
  /// the socket has taken nothing for Options::send_timeout. One message is one frame up to
  /// Options::frame_size.
  ///
  /// A program that only sends is still a full endpoint: sending calls answer pings, keep the connection
  /// alive, and notice its end. For that they look for input every 100 ms, up to the next message.
  /// @{
  void send(std::string_view text, const Wait& wait = {}) {
    or_throw([&](auto& ec) { send(text, wait, ec); });
  }
  void send(Binary binary, const Wait& wait = {}) {
    or_throw([&](auto& ec) { send(binary, wait, ec); });
  }
  /// @}
  /// Sends the bytes of a string as a binary message.
  void send_binary(std::string_view bytes, const Wait& wait = {}) {
    or_throw([&](auto& ec) { send_binary(bytes, wait, ec); });
  }
  /// Begins a message that is sent piece by piece (RFC 6455 §5.4). Waits while another thread sends one, by
  /// default for Options::send_timeout: std::errc::timed_out then.
  /// @{
  [[nodiscard]] MessageWriter begin_text(const Wait& wait = {}) {
    return or_throw([&](auto& ec) { return begin_text(wait, ec); });
  }
  [[nodiscard]] MessageWriter begin_binary(const Wait& wait = {}) {
    return or_throw([&](auto& ec) { return begin_binary(wait, ec); });
  }
  /// @}

  /// Receives the next message. By default it waits without a limit, and keepalive ends the wait when the
  /// server is gone (see Options::ping_interval).
  ///
  /// Returns nothing when the wait has ended, which throws nothing (see Received), or when the connection
  /// has. A server that closes with 1000, 1001 or no code has ended it normally. Any other code is an error:
  /// `ec == CloseCode::internal_error`. A message beyond Options::max_message_size ends the connection with
  /// protocol::Error::message_too_big, one without memory with ClientError::message_too_large_for_memory.
  Received<Message> receive(const Wait& wait = {}) {
    return or_throw_unless_waited([&](auto& ec) { return receive(wait, ec); });
  }
  /// The same without a copy of the payload. From the second message on it allocates nothing. The view is
  /// valid until the next receiving call.
  Received<MessageView> receive_view(const Wait& wait = {}) {
    return or_throw_unless_waited([&](auto& ec) { return receive_view(wait, ec); });
  }
  /// Receives the next piece of a message, as it comes. Until the message has ended, the other receiving
  /// calls fail with ClientError::message_in_parts. The piece is valid until the next receiving call.
  Received<MessagePart> receive_part(const Wait& wait = {}) {
    return or_throw_unless_waited([&](auto& ec) { return receive_part(wait, ec); });
  }

  /// Sends a ping (RFC 6455 §5.5.2) with a payload of at most 125 bytes; std::errc::invalid_argument for
  /// more. Waits for room, by default for Options::send_timeout, but not for the pong: see round_trip().
  /// @{
  void ping(std::string_view payload = {}, const Wait& wait = {}) {
    or_throw([&](auto& ec) { ping(payload, wait, ec); });
  }
  template <std::convertible_to<Wait> Limit>
  void ping(const Limit& wait) {
    ping({}, wait);
  }
  /// @}

  /// Runs the closing handshake (RFC 6455 §7.1.2) and ends the stream. Messages that come meanwhile are
  /// dropped, unless another thread receives them.
  ///
  /// `code`: 1000-1003, 1007-1014, 3000-4999, or 1005 for none. `reason`: UTF-8 of at most 123 bytes.
  /// std::errc::invalid_argument for others. A server that does not answer within Options::close_timeout is
  /// no error: see close_info(). Nor is a connection that is closed already. When `wait` ends first, the
  /// connection is still closing: repeat the call, or destroy the client.
  /// @{
  void close(AnyCloseCode code = CloseCode::normal_closure, std::string_view reason = {},
             const Wait& wait = {}) {
    or_throw([&](auto& ec) { close(code, reason, wait, ec); });
  }
  template <std::convertible_to<Wait> Limit>
  void close(AnyCloseCode code, const Limit& wait) {
    close(code, {}, wait);
  }
  template <std::convertible_to<Wait> Limit>
  void close(const Limit& wait) {
    close(CloseCode::normal_closure, {}, wait);
  }
  /// @}
  /// Sends the close frame and returns. Receiving calls then return what the server still sends, up to its
  /// close frame. Arguments as for close().
  /// @{
  void start_close(AnyCloseCode code = CloseCode::normal_closure, std::string_view reason = {},
                   const Wait& wait = {}) {
    or_throw([&](auto& ec) { start_close(code, reason, wait, ec); });
  }
  template <std::convertible_to<Wait> Limit>
  void start_close(AnyCloseCode code, const Limit& wait) {
    start_close(code, {}, wait);
  }
  template <std::convertible_to<Wait> Limit>
  void start_close(const Limit& wait) {
    start_close(CloseCode::normal_closure, {}, wait);
  }
  /// @}
#endif

  /// While the batch lives, messages that this thread sends gather in the send buffer, to leave together.
  /// Without memory for that, they leave one by one.
  [[nodiscard]] Batch batch() noexcept;

  /// True while messages can be sent: not before the opening handshake, nor once either side has closed.
  [[nodiscard]] bool is_open() const noexcept;
  /// The subprotocol that the server chose, or empty.
  [[nodiscard]] std::string subprotocol() const;
  /// The value of Sec-WebSocket-Extensions that the server answered, or empty.
  [[nodiscard]] std::string extensions() const;
  /// Who closed the connection, and with which codes. Its `reason` is a view of the client's memory.
  [[nodiscard]] CloseInfo close_info() const noexcept;
  /// Why the connection has ended or did not open. Its `step` is none while it is open and after a clean end.
  [[nodiscard]] Failure failure() const;
  /// What exceptions tell: the story behind an error that a call has reported.
  [[nodiscard]] Failure failure(std::error_code ec) const;
  /// Time between the latest ping that was answered, ours or the keepalive's, and the call that met its pong;
  /// 0 before.
  [[nodiscard]] std::chrono::microseconds round_trip() const noexcept;
  /// The socket, to set its options; transport::no_handle once the connection has ended. Do not read or write
  /// it.
  [[nodiscard]] transport::Handle native_handle() const noexcept;

  /// As the form without `ec`, but never throws: `ec` says what went wrong, and is cleared otherwise.
  /// @{
  void send(std::string_view text, std::error_code& ec) {
    send(text, {}, ec);
  }
  void send(std::string_view text, const Wait& wait, std::error_code& ec);
  void send(Binary binary, std::error_code& ec) {
    send(binary, {}, ec);
  }
  void send(Binary binary, const Wait& wait, std::error_code& ec);
  void send_binary(std::string_view bytes, std::error_code& ec) {
    send_binary(bytes, {}, ec);
  }
  void send_binary(std::string_view bytes, const Wait& wait, std::error_code& ec) {
    send(Binary(std::span(bytes)), wait, ec);
  }
  [[nodiscard]] MessageWriter begin_text(std::error_code& ec) {
    return begin_text({}, ec);
  }
  [[nodiscard]] MessageWriter begin_text(const Wait& wait, std::error_code& ec);
  [[nodiscard]] MessageWriter begin_binary(std::error_code& ec) {
    return begin_binary({}, ec);
  }
  [[nodiscard]] MessageWriter begin_binary(const Wait& wait, std::error_code& ec);

  Received<Message> receive(std::error_code& ec) {
    return receive({}, ec);
  }
  Received<Message> receive(const Wait& wait, std::error_code& ec);
  Received<MessageView> receive_view(std::error_code& ec) {
    return receive_view({}, ec);
  }
  Received<MessageView> receive_view(const Wait& wait, std::error_code& ec);
  Received<MessagePart> receive_part(std::error_code& ec) {
    return receive_part({}, ec);
  }
  Received<MessagePart> receive_part(const Wait& wait, std::error_code& ec);

  void ping(std::error_code& ec) {
    ping({}, {}, ec);
  }
  template <std::convertible_to<Wait> Limit>
  void ping(const Limit& wait, std::error_code& ec) {
    ping({}, wait, ec);
  }
  void ping(std::string_view payload, std::error_code& ec) {
    ping(payload, {}, ec);
  }
  void ping(std::string_view payload, const Wait& wait, std::error_code& ec);

  void close(std::error_code& ec) {
    close(CloseCode::normal_closure, {}, {}, ec);
  }
  template <std::convertible_to<Wait> Limit>
  void close(const Limit& wait, std::error_code& ec) {
    close(CloseCode::normal_closure, {}, wait, ec);
  }
  void close(AnyCloseCode code, std::error_code& ec) {
    close(code, {}, {}, ec);
  }
  template <std::convertible_to<Wait> Limit>
  void close(AnyCloseCode code, const Limit& wait, std::error_code& ec) {
    close(code, {}, wait, ec);
  }
  void close(AnyCloseCode code, std::string_view reason, std::error_code& ec) {
    close(code, reason, {}, ec);
  }
  void close(AnyCloseCode code, std::string_view reason, const Wait& wait, std::error_code& ec);
  void start_close(std::error_code& ec) {
    start_close(CloseCode::normal_closure, {}, {}, ec);
  }
  template <std::convertible_to<Wait> Limit>
  void start_close(const Limit& wait, std::error_code& ec) {
    start_close(CloseCode::normal_closure, {}, wait, ec);
  }
  void start_close(AnyCloseCode code, std::error_code& ec) {
    start_close(code, {}, {}, ec);
  }
  template <std::convertible_to<Wait> Limit>
  void start_close(AnyCloseCode code, const Limit& wait, std::error_code& ec) {
    start_close(code, {}, wait, ec);
  }
  void start_close(AnyCloseCode code, std::string_view reason, std::error_code& ec) {
    start_close(code, reason, {}, ec);
  }
  void start_close(AnyCloseCode code, std::string_view reason, const Wait& wait, std::error_code& ec);
  /// @}

 private:
  friend Client connect(std::string_view, const Options&, const Wait&, std::error_code&);
  explicit Client(std::unique_ptr<ClientCore> core) noexcept;
  [[nodiscard]] MessageWriter begin(bool is_text, const Wait& wait, std::error_code& ec);

#if __cpp_exceptions
  template <typename Call>
  std::invoke_result_t<Call&, std::error_code&> or_throw(Call call) {
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
  std::invoke_result_t<Call&, std::error_code&> or_throw_unless_waited(Call call) {
    std::error_code ec;
    auto result = call(ec);
    if (ec && !result.timed_out() && !result.stopped()) throw ConnectionError(failure(ec));
    return result;
  }
#endif

  std::unique_ptr<ClientCore> core_;
};

inline Client connect(std::string_view url, std::error_code& ec) {
  return connect(url, Options{}, Wait{}, ec);
}
inline Client connect(std::string_view url, const Options& options, std::error_code& ec) {
  return connect(url, options, Wait{}, ec);
}
template <std::convertible_to<Wait> Limit>
Client connect(std::string_view url, const Limit& wait, std::error_code& ec) {
  return connect(url, Options{}, Wait(wait), ec);
}
#if __cpp_exceptions
inline Client connect(std::string_view url, const Options& options, const Wait& wait) {
  std::error_code ec;
  Client client = connect(url, options, wait, ec);
  if (ec) throw ConnectionError(client.failure(ec));
  return client;
}
template <std::convertible_to<Wait> Limit>
Client connect(std::string_view url, const Limit& wait) {
  return connect(url, Options{}, Wait(wait));
}
#endif

}  // namespace cpwebsockets
