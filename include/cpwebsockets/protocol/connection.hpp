/// The protocol core: one WebSocket connection (RFC 6455, RFC 7692) as a state machine without I/O.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpwebsockets/protocol/close.hpp"
#include "cpwebsockets/protocol/event.hpp"
#include "cpwebsockets/protocol/extension.hpp"
#include "cpwebsockets/protocol/frame.hpp"
#include "cpwebsockets/protocol/handshake.hpp"
#include "cpwebsockets/protocol/linear_buffer.hpp"
#include "cpwebsockets/protocol/round_trip.hpp"
#include "cpwebsockets/protocol/time.hpp"
#include "cpwebsockets/protocol/utf8.hpp"

namespace cpwebsockets::protocol {

/// The caller's source of unpredictable bytes (RFC 6455 §10.3), for the key and the masking keys.
struct Random {
  /// Fills `out`; false when it cannot, which fails the connection with entropy_failure.
  bool (*fill)(void* context, std::span<std::byte> out) noexcept = nullptr;
  /// Given to `fill` with each call.
  void* context = nullptr;
};

/// Which end of the connection this is.
enum class Role : std::uint8_t { client, server };

/// States of RFC 6455 §4.1 and §7.1, and the one before.
enum class State : std::uint8_t { idle, connecting, open, closing, closed };

/// What became of a command. Do not ignore it: what was not taken is not sent.
enum class [[nodiscard]] Result : std::uint8_t;
/// What became of a command.
enum class Result : std::uint8_t {
  accepted,     ///< taken as a whole: it waits in to_send()
  would_block,  ///< no room: nothing was taken; repeat it after sent()
  too_large,    ///< it can never fit the send buffer: nothing was taken; use begin_message() and append()
  invalid,      ///< a wrong argument, or not now: nothing was taken
  not_open,     ///< the connection is not open yet: nothing was taken
  dead,         ///< the connection is not open any more: nothing was taken
};

/// What the driver should do with the byte stream.
enum class Transport : std::uint8_t {
  keep_open,
  await_eof,  ///< send what is left, then read and discard until end of file or next_deadline() (§7.1.1)
  close,      ///< send what is left, then close
};

/// How a connection is set up. Buffers and whatever is pointed to must outlive the connection.
struct Config {
  std::span<std::byte> receive_buffer;  ///< at least 256 bytes
  std::span<std::byte> send_buffer;     ///< at least 256 bytes, and large enough for the handshake
  /// A client needs it: without it, open() returns entropy_failure.
  Random random;
  std::uint64_t max_message_size = 16U << 20;        ///< bytes, after inflation: more fails with 1009
  std::uint64_t max_frame_size = ~std::uint64_t{0};  ///< bytes of payload of one frame: more fails with 1009
  /// Limit of the peer's handshake header, in bytes. A client reads it line by line, through any receive
  /// buffer, and counts interim responses, too. A server's receive buffer has to hold all of the request's
  /// header.
  std::size_t max_header_size = 16U << 10;
  /// The largest payload of a frame we send. 0, or more than fits the send buffer: what fits.
  std::size_t frame_size = 0;
  /// For the opening handshake. This and the three below are at least 0, or #no_limit.
  Duration handshake_timeout = std::chrono::seconds(10);
  /// A ping goes out after this long without a byte from the peer; #no_limit: never.
  Duration ping_interval = std::chrono::seconds(20);
  /// Silence after that ping that ends the connection.
  Duration pong_timeout = std::chrono::seconds(20);
  /// For the peer's close frame, and again for its end of file.
  Duration close_timeout = std::chrono::seconds(5);
  MessageExtension* extension = nullptr;  ///< a PermessageDeflate to negotiate, or none
};

class Connection;
class HttpWriter;

/// Takes a message off the front of `input` if a whole unfragmented, uncompressed one of at most `limit`
/// bytes of payload stands there, as a server sends it. False, and nothing is taken, for all else: text that
/// is not UTF-8 too.
[[nodiscard]] bool take_whole_message(std::span<std::byte>& input, std::uint64_t limit,
                                      MessagePart& message) noexcept;

/// What a connection remembers. The library's own. Without initialisers where the start is zero:
/// `ConnectionState{}` then clears all of it at once, which takes a tenth of the code.
struct ConnectionState {
  // Small and busy members first: a Cortex-M0+ reaches bytes in the first 32, and words in the first 128
  // bytes of an object, with one instruction instead of three.

  State state_;
  Role role_;
  bool eof_;    // nothing more comes, or is waited for
  bool heard_;  // since the last poll()
  bool close_event_due_;
  bool close_frame_due_;  // a violation's close frame waits for room
  Error failure_due_;     // found behind bytes that were delivered first
  bool extension_active_;

  // The message that is being received.
  bool in_frame_;
  bool message_started_;  // a data message is unfinished
  bool part_due_first_;   // no part of it was delivered yet
  bool message_compressed_;
  bool inflate_pending_;
  bool receive_waits_for_room_;  // a control frame is kept until its reply fits the send buffer
  Opcode message_opcode_;

  // The message that is being sent by pieces.
  enum class Sending : std::uint8_t { nothing, message, frame };  // frame: a part of its payload is missing
  Sending sending_;
  bool sending_last_;  // the frame is the message's last
  bool sending_first_;
  bool sending_compressed_;
  Opcode sending_opcode_;

  Error keepalive_due_;  // what silence will mean: none before there was a ping, or no room for it

  // The response that a client is reading.
  bool in_body_;
  std::uint16_t status_;  // 0 in a status line
  bool passing_over_;     // the middle of a line that is longer than the buffer
  bool folds_;            // a folded line belongs to one that is kept
  bool body_chunked_;
  std::uint8_t answer_seen_;   // a bit for each field of a 101 that matters
  std::uint8_t answer_error_;  // what is wrong with them: 256 less the Error

  bool send_failed_;

  FrameHeader frame_;              // being received
  std::uint64_t frame_remaining_;  // payload bytes not yet taken
  std::uint64_t message_size_;
  LinearBuffer receive_;
  LinearBuffer send_;
  std::span<std::byte> external_;  // payload that the driver read into its own memory
  std::size_t unmasked_ahead_;     // bytes of compressed payload unmasked but not yet inflated
  std::size_t frame_limit_;        // the largest payload of a frame that is sent as a whole

  // The header of the opening handshake.
  std::size_t header_scanned_;  // bytes; by a client: those of all lines so far
  std::size_t header_size_;     // bytes at the front of the receive buffer
  std::size_t kept_;            // bytes at the front of the receive buffer: fields, then content of the body
  std::size_t body_left_;       // bytes of the body, or of the chunk, that have not come

  Time now_;
  Time deadline_ = Time::max();  // of the state; max() for none

  CloseInfo close_;
  Utf8Validator received_text_;
  Utf8Validator sent_text_;

  RoundTrip round_trip_;

  // The opening handshake.
  Event (Connection::*handshake_step_)() noexcept;
  std::span<const std::string_view> offered_subprotocols_;
  std::string_view chosen_subprotocol_;   // by accept(); without data before
  std::array<char, 28> expected_accept_;  // set by open()

  // The frame of known size that is being sent.
  std::size_t sending_remaining_;  // payload bytes of the frame being sent that are still to be appended
  MaskingKey sending_key_;         // for the next of them
};

/// One connection: bytes in become events, and commands become bytes out. No heap, no exceptions, no I/O, no
/// clock. Trivially destructible. Not thread-safe: one call at a time.
///
/// A driver's loop: poll(now); handle next_event() until there is none; write to_send(), report sent(); read
/// into receive_space(), report received(); act on transport() and next_deadline(). Every cut of the input
/// into reads gives the same events and the same output.
class Connection : private ConnectionState {
 public:
  /// Idle until open(), listen() or assume_open().
  explicit Connection(const Config& config) noexcept;
  Connection(const Connection&) = delete;  // it views its own buffers
  Connection& operator=(const Connection&) = delete;

  // Bytes in.

  /// Free room of the receive buffer: read into its front, then call received(). Empty while a reply waits
  /// for room in the send buffer: write to_send(), and ask for the next event. Views in earlier events become
  /// invalid.
  [[nodiscard]] std::span<std::byte> receive_space() noexcept;
  /// The first `size` bytes of receive_space() were filled.
  void received(std::size_t size) noexcept;
  /// The stream ended or failed: no more bytes will come. If nothing can be written either, as after a reset,
  /// call send_failed(), too.
  void received_eof() noexcept;
  /// Counts as a byte of the peer for keepalive: for a driver that knows of bytes and leaves them unread.
  void presume_alive() noexcept { heard_ = true; }
  /// The stream could not be opened, in step resolve, connect or TLS: ends the connection with
  /// stream_not_opened. Only between open() and the first byte.
  void stream_failed(Step step) noexcept;

  /// Bytes of the current data frame's payload that are still to come, if the driver may read them straight
  /// into memory of its own and pass them to received_payload(). 0: use receive_space().
  [[nodiscard]] std::uint64_t payload_outstanding() const noexcept;
  /// `payload`, at most payload_outstanding() bytes, was read. The next MessagePart views that memory;
  /// unmasking happens in place. It must stay valid until the next event.
  void received_payload(std::span<std::byte> payload) noexcept;
  /// Bytes of the current message up to and including the current frame: what a driver may want to allocate.
  [[nodiscard]] std::uint64_t message_size_so_far() const noexcept { return message_size_; }
  /// Bytes that are still to come of the current frame's payload, behind the latest MessagePart.
  [[nodiscard]] std::uint64_t frame_payload_left() const noexcept { return in_frame_ ? frame_remaining_ : 0; }

  /// The next event, or monostate when it takes more bytes, more room to send, or more time.
  [[nodiscard]] Event next_event() noexcept;
  /// A short cut of next_event(). True if a client's next bytes are a whole unfragmented, uncompressed
  /// message: `message` is then the part to handle. False means nothing: call next_event().
  [[nodiscard]] bool take_whole_message(MessagePart& message) noexcept;
  /// The same for a driver that reads several messages at a time: the bytes that have come, for
  /// protocol::take_whole_message(), if a frame outside of a message is next; else none. They are valid as
  /// long as an event's views.
  [[nodiscard]] std::span<std::byte> unframed_input() noexcept;
  /// The first `size` bytes of unframed_input() were taken as whole messages.
  void skip(std::size_t size) noexcept { receive_.consume(size); }
  /// The largest payload of a frame that may be a whole message.
  [[nodiscard]] std::uint64_t max_whole_message() const noexcept {
    return config_.max_frame_size < config_.max_message_size ? config_.max_frame_size
                                                             : config_.max_message_size;
  }
  /// True when a control frame waits until its reply fits the send buffer. Once some of to_send() has been
  /// sent, next_event() goes on without further input.
  [[nodiscard]] bool waits_for_room() const noexcept { return receive_waits_for_room_; }
  /// True when there is nothing to parse, and no message or end is pending: only reading can bring an event.
  [[nodiscard]] bool needs_input() const noexcept {
    return receive_.empty() && !in_frame_ && !eof_ && failure_due_ == Error::none &&
           (state_ == State::open || state_ == State::closing);
  }
  /// receive_space() where needs_input(); else empty.
  [[nodiscard]] std::span<std::byte> idle_space() noexcept {
    if (!needs_input()) return {};
    receive_.clear();
    return receive_.space();
  }
  /// True when next_event() would return a part of a message. False at the end, too.
  [[nodiscard]] bool message_is_next() const noexcept;
  /// True when the next bytes to parse are a control frame: lets a sender answer pings without taking data.
  [[nodiscard]] bool control_frame_is_next() noexcept;

  // Buffers.

  /// Replaces the buffers. Each must be large enough for what waits in it, and may overlap the present ones.
  /// Views in events become invalid. So a device can give all of its memory to the opening handshake, whose
  /// request is gone before the response comes: first one block as both buffers, and after Opened a part of
  /// it for each.
  void use_buffers(std::span<std::byte> receive_buffer, std::span<std::byte> send_buffer) noexcept;

  // Bytes out.

  /// Bytes to write to the stream, valid until the next call.
  [[nodiscard]] std::span<const std::byte> to_send() const noexcept { return send_.pending(); }
  /// The first `size` bytes of to_send() were written; any number is allowed.
  void sent(std::size_t size) noexcept;
  /// Nothing more can be written: a write failed, or the driver gives up. What waits in to_send() is lost,
  /// and is not reported as sent. Commands return `dead`. Input is still parsed, without replies, as a close
  /// frame may be in it: read what there is, and then call received_eof().
  void send_failed() noexcept;

  // Commands.

  /// Starts as a client: writes the request. Call poll(now) before. `request` must stay valid until the
  /// handshake has ended. On an error nothing was written.
  [[nodiscard]] Error open(const Request& request) noexcept;
  /// Starts as a server: waits for a request.
  [[nodiscard]] Error listen() noexcept;
  /// Back to idle, with the original configuration, for another connection. Views become invalid.
  void reset() noexcept;
  /// Starts in State::open, for a byte stream whose opening handshake was done elsewhere.
  [[nodiscard]] Error assume_open(Role role) noexcept;
  /// Server: answers the Requested event with 101. `invalid` if a header or the subprotocol cannot be sent.
  Result accept(const Acceptance& acceptance = {}) noexcept;
  /// Server: answers the Requested event with an HTTP error, `status` 300 to 599, and a text as its body.
  Result reject(int status, std::string_view text, std::span<const Header> headers = {}) noexcept;

  /// Sends a whole message, text or binary, in as few frames as Config::frame_size allows. `invalid` for text
  /// that is not UTF-8, another opcode, or inside a message begun by begin_message().
  Result send(Opcode opcode, std::span<const std::byte> message) noexcept;
  /// Begins a message of unknown length. Control frames may go between its frames.
  Result begin_message(Opcode opcode) noexcept;
  /// Sends a piece of it: all or nothing. Text may be cut inside a code point.
  Result append(std::span<const std::byte> piece) noexcept;
  /// Sends the last piece, which may be empty, and ends the message.
  Result finish(std::span<const std::byte> piece = {}) noexcept;
  /// True when the message that was begun is sent compressed: begin_frame() cannot be used for it.
  [[nodiscard]] bool compresses() const noexcept { return sending_compressed_; }
  /// The longest piece that append() would accept now.
  [[nodiscard]] std::size_t append_room() const noexcept;

  // A frame of known size, which may be larger than the send buffer. It is a part of a message that was
  // begun, in place of append() and finish(): these return `invalid` until the frame is complete. Until then
  // no control frame can be sent: ping(), pong() and close() return `would_block`, a ping or close frame that
  // comes waits for its answer, and a violation ends the connection without a close frame. Each append counts
  // as a sign of life of the peer, as no ping can ask for one.

  /// Begins a frame with `size` bytes of payload. `last`: it is the message's last frame. With `size` 0 the
  /// frame is complete. `invalid` in a compressed message, as the sizes of its frames are not known
  /// beforehand.
  Result begin_frame(std::size_t size, bool last) noexcept;
  /// Appends to the frame's payload, all or nothing. `invalid` for more bytes than the frame has left, and
  /// for text that is not UTF-8. The last byte ends the frame, and in a last frame the message.
  Result append_to_frame(std::span<const std::byte> piece) noexcept;
  /// Bytes that are still to be appended to the frame; 0 between frames.
  [[nodiscard]] std::size_t frame_size_left() const noexcept { return sending_remaining_; }
  /// The longest piece that append_to_frame() would accept now.
  [[nodiscard]] std::size_t frame_room() const noexcept {
    return send_.room() < sending_remaining_ ? send_.room() : sending_remaining_;
  }

  /// Sends a ping of at most 125 bytes. The latest one is measured: see Pong::round_trip.
  Result ping(std::span<const std::byte> payload = {}) noexcept;
  /// Sends a pong nobody asked for (§5.5.3), at most 125 bytes.
  Result pong(std::span<const std::byte> payload = {}) noexcept;
  /// Starts the closing handshake. `code` may stand on the wire, or is 1005 for a close frame without code;
  /// `reason` is UTF-8 of at most 123 bytes. Before the handshake has ended it just ends the connection.
  Result close(CloseCode code = CloseCode::normal_closure, std::string_view reason = {}) noexcept;

  // Time.

  /// Tells the time: sends keepalive pings, and ends what took too long. Call it after reading and before
  /// next_event(). Returns next_deadline().
  Time poll(Time now) noexcept;
  /// When to call poll() at the latest; Time::max() for never.
  [[nodiscard]] Time next_deadline() const noexcept { return deadline_; }

  // State.

  /// Where the connection stands.
  [[nodiscard]] State state() const noexcept { return state_; }
  /// Set by open(), listen() or assume_open().
  [[nodiscard]] Role role() const noexcept { return role_; }
  /// What to do with the byte stream now.
  [[nodiscard]] Transport transport() const noexcept;
  /// How the connection ended.
  [[nodiscard]] const CloseInfo& close_info() const noexcept { return close_; }
  /// Round trip of the last answered ping, keepalive pings included; zero when none was.
  [[nodiscard]] std::chrono::microseconds round_trip() const noexcept { return round_trip_.duration(); }
  /// True when the latest ping waits for its pong: only then does it matter that poll() is told the time to
  /// the microsecond.
  [[nodiscard]] bool measures_round_trip() const noexcept { return round_trip_.is_outstanding(); }
  /// True when permessage-deflate (or another extension) was negotiated.
  [[nodiscard]] bool has_extension() const noexcept { return extension_active_; }

 private:
  enum class Progress : std::uint8_t { need_input, again, event };

  void limit_frame_size() noexcept;

  // Receiving.
  Event next_frame_event() noexcept;
  Progress begin_frame() noexcept;
  Progress next_control(Event& event) noexcept;
  void on_close_frame(std::span<const std::byte> payload) noexcept;
  Progress next_part(Event& event) noexcept;
  Progress deliver(std::span<const std::byte> bytes, bool last, Event& event) noexcept;
  void take_payload(std::size_t size) noexcept;
  std::span<std::byte> available_payload() noexcept;

  // Sending.
  [[nodiscard]] bool masks() const noexcept { return role_ == Role::client; }
  [[nodiscard]] Result check_open() const noexcept;
  [[nodiscard]] std::size_t piece_limit() const noexcept;
  [[nodiscard]] std::size_t framed_size(std::size_t piece) const noexcept;
  [[nodiscard]] Result can_send(Opcode opcode) const noexcept;
  [[nodiscard]] Result check_room(std::size_t size) const noexcept;
  [[nodiscard]] Result add_piece(std::span<const std::byte> piece, bool last) noexcept;
  bool choose_mask(FrameHeader& header) noexcept;
  bool write_frame(Opcode opcode, std::span<const std::byte> payload, bool fin = true) noexcept;
  bool write_short_message(Opcode opcode, std::span<const std::byte> message) noexcept;
  void end_frame() noexcept;
  Result write_message_bytes(std::span<const std::byte> bytes, bool last) noexcept;
  Result send_control(Opcode opcode, std::span<const std::byte> payload) noexcept;
  [[nodiscard]] bool has_control_room(std::size_t size) const noexcept;
  Result write_control(Opcode opcode, std::span<const std::byte> payload) noexcept;
  Result write_close(CloseCode code, std::string_view reason) noexcept;

  // Ending.
  void fail(Error error, Step step, ClosedBy by) noexcept;
  void tell_failure() noexcept;
  void violate(Error error) noexcept { fail(error, Step::frame, ClosedBy::us); }
  void start_timer(Duration limit) noexcept;
  void time_is_up() noexcept;
  void send_keepalive() noexcept;
  void enter_closed() noexcept;
  Event closed_event() noexcept;

  // With an extension: called through MessageExtension, so that a connection without one links none of it.
  friend struct ExtensionCalls;
  Error offer_extension(HttpWriter& out) noexcept;
  Error check_answered_extensions(std::string_view list) noexcept;
  [[nodiscard]] std::string_view answered_extensions() const noexcept;
  Progress next_inflated_part(std::span<std::byte> bytes, Event& event) noexcept;
  [[nodiscard]] std::size_t compressed_piece_limit() const noexcept;
  [[nodiscard]] std::size_t compressed_framed_size(std::size_t piece) const noexcept;
  bool write_compressed_frame(Opcode opcode, std::span<const std::byte> piece, bool fin) noexcept;

  // Opening handshake; the two roles in files of their own, so that a client links no server code.
  [[nodiscard]] Error check_config() const noexcept;
  void start_handshake(Role role, Event (Connection::*step)() noexcept) noexcept;
  Event read_response() noexcept;
  Event refuse_response(Error error) noexcept;
  Error read_line(std::string_view line) noexcept;
  void end_header() noexcept;
  void note_answer(std::size_t name, std::string_view value) noexcept;
  void note_answer_error(Error error) noexcept;
  Event complete_handshake() noexcept;
  Event refused_event() noexcept;
  bool find_header_end() noexcept;
  Event read_request() noexcept;
  [[nodiscard]] bool answer_is_due() const noexcept;
  Event await_answer() noexcept;
  Event refuse_request(Error error, std::string_view response) noexcept;
  void enter_open() noexcept;
  [[nodiscard]] std::string_view header_text() const noexcept;

  Config config_;
};

}  // namespace cpwebsockets::protocol
