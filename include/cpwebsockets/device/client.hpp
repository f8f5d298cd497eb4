/// A WebSocket client for devices: the protocol core over any Pipe, driven by one call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpwebsockets/device/pipe.hpp"
#include "cpwebsockets/protocol/binary.hpp"
#include "cpwebsockets/protocol/connection.hpp"
#include "cpwebsockets/protocol/url.hpp"

namespace cpwebsockets::device {

/// One client: it connects, and may connect again when a connection has ended. No heap, no exceptions, no
/// clock, no hidden wait: all its work is done by poll(). Not thread-safe.
///
///     static std::byte receive[1024], send[1024];
///     static device::Client ws(uart, {.receive_buffer = receive, .send_buffer = send, .random = {&fill}});
///     if (ws.connect("ws://example.com/feed", now()) != protocol::Error::none) return;
///     bool greets = false;
///     for (;;) {
///       const protocol::Event event = ws.poll(now());
///       if (std::holds_alternative<protocol::Opened>(event)) greets = true;
///       if (greets) greets = ws.send("hello") == protocol::Result::would_block;  // no room: again later
///       if (const auto* part = std::get_if<protocol::MessagePart>(&event)) handle(part->bytes, part->last);
///       if (const auto* closed = std::get_if<protocol::Closed>(&event)) return report(closed->info);
///     }
class Client {
 public:
  /// `config`: see protocol::Config; its buffers belong to the client from now on. Its handshake_timeout
  /// bounds the whole way to the Opened event: name, TCP, TLS, opening handshake. `pipe` must outlive the
  /// client.
  Client(Pipe& pipe, const protocol::Config& config) noexcept : pipe_(pipe), connection_(config) {}

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The connection.

  /// Begins a connection. An earlier one is dropped without a close frame. The views in `to` and `request`
  /// must stay valid until the Opened event, or until the end. An error says what is wrong with the request
  /// or the configuration: nothing was begun. The Closed event reports what goes wrong later.
  [[nodiscard]] protocol::Error connect(const Destination& to, const protocol::Request& request,
                                        protocol::Time now) noexcept;
  /// The same for a URL, whose text must stay valid as long: wss:// if the pipe encrypts, ws:// if it does
  /// not, else url_needs_tls. The URL's credentials are sent.
  [[nodiscard]] protocol::Error connect(std::string_view url, protocol::Time now) noexcept;

  /// Does what can be done now, at most one step of each kind, and returns at most one event; std::monostate
  /// is none. Views in the event are valid until the next call. After an event call it again at once;
  /// otherwise when bytes may have come or gone, and at next_deadline() at the latest.
  [[nodiscard]] protocol::Event poll(protocol::Time now) noexcept;
  /// Writes what waits to be sent, and does nothing else. As it does not read, views in the last event stay
  /// valid, and the peer has to wait. It is for what has to be sent before more can be received, such as an
  /// echo: when sending returns `would_block`, flush() and repeat it, and call poll() only when it was
  /// accepted. Meanwhile pings are not answered, and no timeout ends the connection.
  void flush() noexcept;
  /// When to call poll() at the latest: a time that has passed means at once, Time::max() never.
  [[nodiscard]] protocol::Time next_deadline() const noexcept;

  /// Starts the closing handshake (RFC 6455 §7.1.2); before the connection is open, just ends it. The Closed
  /// event follows. `code`: 1000-1003, 1007-1014, 3000-4999, or 1005 for none; `reason`: UTF-8 of at most 123
  /// bytes; `invalid` for others.
  protocol::Result close(protocol::AnyCloseCode code = protocol::CloseCode::normal_closure,
                         std::string_view reason = {}) noexcept {
    return connection_.close(code, reason);
  }
  /// Ends the connection at once and frees the pipe. No event follows.
  void abort() noexcept;

  /// True from connect() until the pipe is free again, which may be a little after the Closed event.
  /// connect() may be called at any time.
  [[nodiscard]] bool is_busy() const noexcept { return phase_ != Phase::idle; }
  /// True when messages may be sent.
  [[nodiscard]] bool is_open() const noexcept { return connection_.state() == protocol::State::open; }
  /// How the last connection ended; its `by` is nobody before that.
  [[nodiscard]] const protocol::CloseInfo& close_info() const noexcept { return connection_.close_info(); }
  /// Why the pipe could not be opened (close_info() then says stream_not_opened) or broke; otherwise its
  /// `error` is none.
  [[nodiscard]] const PipeFailure& pipe_failure() const noexcept { return failure_; }
  /// Why the last connection ended, as one sentence: the pipe's, if it failed, else the protocol's.
  [[nodiscard]] std::string_view describe_end() const noexcept;

  // Messages. A command says accepted, would_block (poll, and repeat it), or why not; it takes all or
  // nothing.

  /// Sends a message: a string as text, other bytes as binary. `invalid` if text is not UTF-8, `too_large` if
  /// the message does not fit the send buffer with 14 bytes to spare.
  /// @{
  protocol::Result send(std::string_view text) noexcept {
    return connection_.send(protocol::Opcode::text, bytes_of(text));
  }
  protocol::Result send(protocol::Binary binary) noexcept {
    return connection_.send(protocol::Opcode::binary, binary.bytes());
  }
  /// @}
  /// Sends the bytes of a string as a binary message.
  protocol::Result send_binary(std::string_view bytes) noexcept {
    return connection_.send(protocol::Opcode::binary, bytes_of(bytes));
  }
  /// A message larger than the send buffer: begin, append pieces of at most append_room() bytes, finish. The
  /// opcode, text or binary, says what the message is, whatever the type of its pieces.
  protocol::Result begin_message(protocol::Opcode opcode) noexcept {
    return connection_.begin_message(opcode);
  }
  /// Sends a piece of the message.
  /// @{
  protocol::Result append(std::string_view piece) noexcept { return connection_.append(bytes_of(piece)); }
  protocol::Result append(protocol::Binary piece) noexcept { return connection_.append(piece.bytes()); }
  /// @}
  /// Sends the last piece, which may be empty, and ends the message.
  /// @{
  protocol::Result finish(std::string_view piece = {}) noexcept {
    return connection_.finish(bytes_of(piece));
  }
  protocol::Result finish(protocol::Binary piece) noexcept { return connection_.finish(piece.bytes()); }
  /// @}
  /// The longest piece that append() would accept now, in bytes.
  [[nodiscard]] std::size_t append_room() const noexcept { return connection_.append_room(); }
  /// The same as one frame, if the size is known; protocol::Connection::begin_frame() says what has to wait
  /// meanwhile. Append pieces of at most frame_room() bytes: the last byte ends the frame.
  protocol::Result begin_frame(std::size_t size, bool last) noexcept {
    return connection_.begin_frame(size, last);
  }
  /// Sends a piece of the frame.
  /// @{
  protocol::Result append_to_frame(std::string_view piece) noexcept {
    return connection_.append_to_frame(bytes_of(piece));
  }
  protocol::Result append_to_frame(protocol::Binary piece) noexcept {
    return connection_.append_to_frame(piece.bytes());
  }
  /// @}
  /// The longest piece that append_to_frame() would accept now, in bytes.
  [[nodiscard]] std::size_t frame_room() const noexcept { return connection_.frame_room(); }
  /// Sends a ping of at most 125 bytes; `invalid` for more. Its pong comes as an event.
  /// @{
  protocol::Result ping(std::string_view payload = {}) noexcept {
    return connection_.ping(bytes_of(payload));
  }
  protocol::Result ping(protocol::Binary payload) noexcept { return connection_.ping(payload.bytes()); }
  /// @}

  /// The protocol core, for what is not here.
  [[nodiscard]] const protocol::Connection& connection() const noexcept { return connection_; }

 private:
  enum class Phase : std::uint8_t { idle, opening, running };

  [[nodiscard]] static std::span<const std::byte> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
  }
  void continue_opening(protocol::Time now) noexcept;
  void read_some() noexcept;
  [[nodiscard]] bool lingers(protocol::Time now) const noexcept;
  void free_pipe() noexcept;

  Pipe& pipe_;
  PipeFailure failure_;
  protocol::Time linger_until_;
  Phase phase_ = Phase::idle;
  bool pipe_ended_ = false;
  bool pipe_works_ = false;
  protocol::Connection connection_;
};

namespace detail {

// A base class, and the first: the client is given the buffers, which must exist before it.
template <std::size_t ReceiveSize, std::size_t SendSize>
struct Buffers {
  protocol::Config in(protocol::Config config) noexcept {
    config.receive_buffer = receive_;
    config.send_buffer = send_;
    return config;
  }

  std::array<std::byte, ReceiveSize> receive_;
  std::array<std::byte, SendSize> send_;
};

}  // namespace detail

/// A client with buffers of its own, of `ReceiveSize` and `SendSize` bytes: at least 256 each. The receive
/// buffer limits a MessagePart, but neither a message nor the server's handshake header.
template <std::size_t ReceiveSize = 1024, std::size_t SendSize = 1024>
class BufferedClient : private detail::Buffers<ReceiveSize, SendSize>, public Client {
 public:
  static_assert(ReceiveSize >= 256 && SendSize >= 256);

  /// The buffers in `config` are ignored.
  BufferedClient(Pipe& pipe, const protocol::Config& config) noexcept
      : Client(pipe, detail::Buffers<ReceiveSize, SendSize>::in(config)) {}
};

}  // namespace cpwebsockets::device
