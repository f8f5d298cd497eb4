/// The asynchronous WebSocket client on Asio, for thousands of connections. docs/async.md tells more.
///
///     asio::awaitable<void> watch() {
///       auto ws = co_await cpwebsockets::async_connect(co_await asio::this_coro::executor,
///                                                      "wss://example.com/feed", asio::use_awaitable);
///       while (auto message = co_await ws.async_receive(asio::use_awaitable)) use(message->text());
///     }
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "cpwebsockets/async/operation.hpp"
#include "cpwebsockets/close.hpp"
#include "cpwebsockets/error.hpp"
#include "cpwebsockets/message.hpp"
#include "cpwebsockets/options.hpp"

namespace cpwebsockets {

/// One connection. Move-only; the destructor ends it at once, without a close frame: async_close() first.
///
/// Threads: all calls, the destructor and cancellation happen on the executor that it was made with, which
/// has to run one thing at a time: a context that one thread runs, or a strand. Nothing locks.
///
/// An open connection is a full endpoint whether or not a call is outstanding: it answers pings, keeps alive,
/// and learns of the end. So it counts as work: io_context::run() goes on until it has ended or is destroyed.
/// It stops to read when a message has come that nobody takes.
///
/// Outstanding may be any number of sends, pings and closes, one receive (a second one gets
/// std::errc::operation_in_progress), and one call of a writer. Memory that is sent stays the caller's and
/// valid until the completion. Errors are those of the blocking client.
///
/// Cancellation, of every type, gives asio::error::operation_aborted: a receive loses no byte and can be
/// repeated; a send that has not begun took nothing. One larger than Options::send_buffer_size that has begun
/// is ended by `terminal` alone, and the connection with it, by ClientError::message_cut_short; its code is
/// then that, too.
class AsyncClient {
 public:
  using executor_type = asio::any_io_executor;  ///< what get_executor() returns

  AsyncClient() noexcept = default;  ///< not connected: nothing may be called but what is const
  /// The other is then not connected.
  AsyncClient(AsyncClient&&) noexcept = default;
  /// Ends the connection that is replaced, as the destructor does.
  AsyncClient& operator=(AsyncClient&& other) noexcept;
  ~AsyncClient();

  /// That of async_connect().
  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Sends a text message; ClientError::text_not_utf8 if it is not UTF-8. Messages leave in the order of the
  /// calls, several small ones in one write. It completes when the message is taken as a whole: what the
  /// socket does not take at once leaves later, and counts in pending_bytes(). While that leaves no room in a
  /// buffer of Options::send_buffer_size, it waits; std::errc::timed_out, and nothing was taken, when the
  /// socket takes nothing for Options::send_timeout. Signature: void(std::error_code).
  template <typename Token>
  auto async_send(std::string_view text, Token&& token) {
    return initiate<detail::NoResult, void(std::error_code)>(token, Kind::send, protocol::Opcode::text,
                                                             std::as_bytes(std::span(text)));
  }
  /// Sends a binary message.
  template <typename Token>
  auto async_send(Binary binary, Token&& token) {
    return initiate<detail::NoResult, void(std::error_code)>(token, Kind::send, protocol::Opcode::binary,
                                                             binary.bytes());
  }

  /// Begins a message that is sent by pieces; waits for its turn. Whole messages wait until it is finished;
  /// pings go between. Signature of all three: void(std::error_code).
  template <typename Token>
  auto async_begin_text(Token&& token) {
    return initiate<detail::NoResult, void(std::error_code)>(token, Kind::begin, protocol::Opcode::text);
  }
  /// The same for a binary message.
  template <typename Token>
  auto async_begin_binary(Token&& token) {
    return initiate<detail::NoResult, void(std::error_code)>(token, Kind::begin, protocol::Opcode::binary);
  }
  /// Sends a piece of the message that was begun. Cancelled, it can have taken some of it: the connection
  /// then ends, as with a send that has begun.
  template <typename Token>
  auto async_append(Binary piece, Token&& token) {
    return initiate<detail::NoResult, void(std::error_code)>(token, Kind::append, protocol::Opcode::binary,
                                                             piece.bytes());
  }
  /// The same for text, which may be cut inside a code point.
  template <typename Token>
  auto async_append(std::string_view piece, Token&& token) {
    return initiate<detail::NoResult, void(std::error_code)>(token, Kind::append, protocol::Opcode::text,
                                                             std::as_bytes(std::span(piece)));
  }
  /// Ends the message.
  template <typename Token>
  auto async_finish(Token&& token) {
    return initiate<detail::NoResult, void(std::error_code)>(token, Kind::finish);
  }

  /// The next message, or nothing at the end of the connection: without an error after a clean close, as
  /// Client::receive(). Signature: void(std::error_code, Received<Message>).
  template <typename Token>
  auto async_receive(Token&& token) {
    return initiate<detail::ReceivedResult, void(std::error_code, Received<Message>)>(token, Kind::receive);
  }
  /// The same without a copy: a view that is valid until the next receiving call.
  template <typename Token>
  auto async_receive_view(Token&& token) {
    return initiate<detail::ViewResult, void(std::error_code, Received<MessageView>)>(token,
                                                                                      Kind::receive_view);
  }
  /// The next piece of a message, as it comes.
  template <typename Token>
  auto async_receive_part(Token&& token) {
    return initiate<detail::PartResult, void(std::error_code, Received<MessagePart>)>(token,
                                                                                      Kind::receive_part);
  }
  /// A whole message that came together with the one before it, without an asynchronous call: the views of a
  /// flood cost little so. Nothing, if there is none, or while a receive is outstanding.
  [[nodiscard]] std::optional<MessageView> take_ready() noexcept;

  /// Sends a ping of at most 125 bytes. Signature: void(std::error_code).
  template <typename Token>
  auto async_ping(std::string_view payload, Token&& token) {
    return initiate<detail::NoResult, void(std::error_code)>(token, Kind::ping, protocol::Opcode::ping,
                                                             std::as_bytes(std::span(payload)));
  }

  /// Runs the closing handshake and ends the stream, as Client::close(); a receive that is outstanding gets
  /// what still comes. Cancelled, the connection goes on closing. Signature: void(std::error_code).
  template <typename Token>
  auto async_close(AnyCloseCode code, std::string_view reason, Token&& token) {
    return initiate<detail::NoResult, void(std::error_code)>(token, Kind::close, protocol::Opcode::close,
                                                             std::as_bytes(std::span(reason)), code);
  }
  /// By 1000.
  template <typename Token>
  auto async_close(Token&& token) {
    return async_close(CloseCode::normal_closure, {}, std::forward<Token>(token));
  }

  /// True from the opening handshake to the first close frame, ours or the server's, or failure.
  [[nodiscard]] bool is_open() const noexcept;
  /// Bytes taken that the socket has not; with the sizes of the messages that wait behind them.
  [[nodiscard]] std::size_t pending_bytes() const noexcept;
  [[nodiscard]] std::string subprotocol() const;  ///< the one the server chose, or empty
  [[nodiscard]] std::string extensions() const;   ///< Sec-WebSocket-Extensions as negotiated, or empty
  /// How it ended, or why it did not open. Its reason is valid as long as the client.
  [[nodiscard]] CloseInfo close_info() const noexcept;
  [[nodiscard]] Failure failure() const;  ///< what ended it or kept it from opening
  /// The story behind an error that a call has reported.
  [[nodiscard]] Failure failure(std::error_code ec) const;
  /// Round trip of the last answered ping, ours or the keepalive's; zero before.
  [[nodiscard]] std::chrono::microseconds round_trip() const noexcept;

 private:
  using Kind = detail::AsyncOperation::Kind;
  friend struct detail::ConnectResult;
  explicit AsyncClient(std::shared_ptr<detail::AsyncCore> core) noexcept : core_(std::move(core)) {}

  template <typename Result, typename Signature, typename Token>
  auto initiate(Token& token, Kind kind, protocol::Opcode opcode = protocol::Opcode::binary,
                std::span<const std::byte> bytes = {}, CloseCode code = CloseCode::normal_closure) {
    return asio::async_initiate<Token, Signature>(
        [](auto handler, const std::shared_ptr<detail::AsyncCore>& core, Kind k, protocol::Opcode o,
           std::span<const std::byte> b, CloseCode c) {
          using Operation = detail::HandlerOperation<decltype(handler), Result>;
          auto* const operation = Operation::make(k, std::move(handler), core);
          operation->opcode = o;
          operation->bytes = b;
          operation->code = c;
          detail::start(core, operation);
        },
        token, core_, kind, opcode, bytes, code);
  }

  std::shared_ptr<detail::AsyncCore> core_;
};

/// Makes the client that the handler of async_connect() gets.
struct detail::ConnectResult {
  std::tuple<AsyncClient> operator()(AsyncOperation& /*operation*/,
                                     const std::shared_ptr<AsyncCore>& core) const {
    return {AsyncClient(core)};
  }
};

/// Connects to a ws:// or wss:// URL as connect() does: look-up, addresses side by side (RFC 8305), TLS,
/// opening handshake, each bounded. On an error the client is not open and its close_info() tells the story.
/// It may be called from any thread. `url` and `options` are copied. Signature: void(std::error_code,
/// AsyncClient).
///
/// In a coroutine, give `options` a name: GCC before version 13 destroys a `{}` inside a co_await expression
/// twice.
template <typename Token>
auto async_connect(const asio::any_io_executor& executor, std::string_view url, const Options& options,
                   Token&& token) {
  return asio::async_initiate<Token, void(std::error_code, AsyncClient)>(
      [](auto handler, const asio::any_io_executor& e, const std::string& u, const Options& o) {
        const std::shared_ptr<detail::AsyncCore> core = detail::make_async_core(e, o);
        using Operation = detail::HandlerOperation<decltype(handler), detail::ConnectResult>;
        detail::start_connecting(
            core, u, Operation::make(detail::AsyncOperation::Kind::connect, std::move(handler), core));
      },
      token, executor, std::string(url), options);
}

/// With the default options.
template <typename Token>
auto async_connect(const asio::any_io_executor& executor, std::string_view url, Token&& token) {
  return async_connect(executor, url, Options(), std::forward<Token>(token));
}

}  // namespace cpwebsockets
