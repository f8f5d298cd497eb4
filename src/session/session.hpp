/// What every driver on a host needs between the protocol core and its own way of waiting: buffers, masks,
/// compression, the opening handshake, messages, and the story of the end.
///
/// No locks, no waits, no descriptors, no clock. A driver's loop asks four questions: where to read to
/// (read_space), what to write (to_send), what to do next (the operations), and until when (next_deadline).
/// Not thread-safe, except for the receiver's own part: see take_ready().
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cpwebsockets/message.hpp"
#include "cpwebsockets/options.hpp"
#include "cpwebsockets/protocol/connection.hpp"
#include "cpwebsockets/protocol/url.hpp"
#include "next.hpp"
#include "protocol/plain_message.hpp"
#include "random_pool.hpp"
#include "story.hpp"

#if CPWEBSOCKETS_DEFLATE
#include "cpwebsockets/protocol/permessage_deflate.hpp"
#endif

namespace cpwebsockets {

// A century: anything longer is no limit, and would overflow the clock.
inline constexpr std::chrono::milliseconds longest_time = std::chrono::hours(24 * 365 * 100);

/// A whole message on its way.
struct Outgoing {
  protocol::Opcode opcode = protocol::Opcode::binary;
  std::span<const std::byte> bytes;
  std::size_t taken = 0;
  std::size_t paused_at = 0;  // the byte at which replies were let through last
  bool has_turn = false;  // it is larger than the send buffer, and has been begun: it cannot be taken back
};

class Session {
 public:
  /// Takes memory for its buffers: has_buffers() is false if there is none of that size.
  explicit Session(const Options& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const Options& options() const noexcept { return options_; }
  [[nodiscard]] bool has_buffers() const noexcept { return receive_buffer_ && send_buffer_; }

  // --- Opening (opening.cpp) ---

  /// Writes the request to `url`. False: story() says why not.
  bool open(const protocol::Url& url, protocol::Time now);
  /// Goes on with the opening handshake; when done, the connection is open or has ended.
  Next await_opening();
  [[nodiscard]] const std::string& subprotocol() const noexcept { return subprotocol_; }
  [[nodiscard]] const std::string& extensions() const noexcept { return extensions_; }

  // --- Opening as a server (serving.cpp) ---

  /// Waits for a client's request. Of the Options, a server's session ignores headers, origin and
  /// subprotocols.
  void listen(protocol::Time now) noexcept;
  /// Continues until `request` is there: answer it by accept(). When it is done without a request, the
  /// connection has ended, or ends once the answer to a malformed request has been sent.
  Next await_request(std::optional<protocol::Requested>& request) noexcept;
  /// Answers with 101. False for a `subprotocol` that cannot be sent; the connection then ends.
  bool accept(std::string_view subprotocol) noexcept;

  // --- Bytes in ---

  enum class ReadInto : std::uint8_t {
    buffer,   ///< the receive buffer
    message,  ///< the message itself, where payload of a large one is next
  };
  /// Where to read to. Empty while unread input or an unsent reply fills the buffer. It stays valid until the
  /// next call for the receiver's part of the session.
  [[nodiscard]] std::span<std::byte> read_space(ReadInto into) noexcept;
  /// True when only a full read_space() is of use: binary payload of a known size.
  [[nodiscard]] bool read_fills() const noexcept { return reads_direct_ && !message_is_text_; }
  /// The first `size` bytes of read_space() were read.
  void received(std::size_t size) noexcept;
  /// The stream has ended, or failed with `cause`.
  void input_ended(std::error_code cause = {}) noexcept;

  // --- Bytes out ---

  [[nodiscard]] std::span<const std::byte> to_send() const noexcept { return connection_.to_send(); }
  void sent(std::size_t size) noexcept;
  /// Nothing more can be written: what waits is dropped, and so is later output.
  void output_failed(std::error_code cause) noexcept;
  [[nodiscard]] bool output_has_failed() const noexcept { return story_.output_has_failed(); }
  /// True when input waits until its reply has room. Call the operation again once some of to_send() has been
  /// sent.
  [[nodiscard]] bool waits_for_room() const noexcept { return connection_.waits_for_room(); }

  // --- Time ---

  /// Tells the time, after reading and before the next operation.
  void poll(protocol::Time now) noexcept;
  [[nodiscard]] protocol::Time next_deadline() const noexcept;

  // --- Receiving (receiving.cpp) ---

  /// A receiving call begins: views of earlier ones end.
  void begin_receiving() noexcept;
  /// The next whole message; without one when the connection has ended, or with an error.
  Next next_message(std::optional<MessageView>& message, std::error_code& ec) noexcept;
  /// The next piece of a message.
  Next next_part(std::optional<MessagePart>& part, std::error_code& ec) noexcept;
  /// A whole message that came by the same read as an earlier one. It only touches the receiver's own part,
  /// so that a driver with threads needs no lock for it. Views of earlier calls become invalid.
  [[nodiscard]] bool take_ready(MessageView& message) noexcept {
    return !ready_.empty() && take_whole(message);
  }
  /// A short cut of read_space() for a receiving call that begins: room in the receive buffer, if input is
  /// all that is missing. Empty where anything else is to be done first.
  [[nodiscard]] std::span<std::byte> idle_space() noexcept;
  /// Its continuation behind received() and poll(): true where what came begins with a whole message. If not,
  /// next_message() goes on.
  [[nodiscard]] bool take_first(MessageView& message) noexcept;
  /// The payload of the message that was returned last, owned. Without memory for it, nothing: then call
  /// end_for_want_of_memory().
  [[nodiscard]] std::optional<ByteBuffer> take_payload(const MessageView& message) noexcept;
  /// Ends the connection with 1009. A driver with threads calls it with its lock.
  void end_for_want_of_memory() noexcept;

  /// True when reading is of use to a caller that takes no messages: the input does not begin with a message.
  /// A view that was returned stays valid.
  [[nodiscard]] bool may_listen() noexcept;
  /// Messages wait to be received by a later call: the peer does not count as silent.
  void leave_messages() noexcept { connection_.presume_alive(); }
  /// Handles the control frames that have come, up to the next message.
  void listen() noexcept;

  // --- Sending (sending.cpp) ---

  /// Sends a message that fits the send buffer, if nothing prevents it: the usual case, in few instructions.
  [[nodiscard]] bool send_now(protocol::Opcode opcode, std::span<const std::byte> bytes) noexcept {
    return !turn_taken_ && !close_wanted_ && !input_ended_ && !story_.output_has_failed() &&
           connection_.send(opcode, bytes) == protocol::Result::accepted;
  }
  Next send(Outgoing& message, std::error_code& ec) noexcept;
  /// Gives up a message that has_turn: the connection ends with it.
  void cut_short(Outgoing& message) noexcept;

  Next begin_message(protocol::Opcode opcode, std::error_code& ec) noexcept;
  /// Adds to `taken` what of `piece` was taken, from piece[taken] on.
  Next append(std::span<const std::byte> piece, std::size_t& taken, std::error_code& ec) noexcept;
  Next finish(std::error_code& ec) noexcept;
  /// The message that was begun will not be finished: closes with 1001, as soon as there is room.
  void abandon_message() noexcept;
  Next ping(std::span<const std::byte> payload, std::error_code& ec) noexcept;

  // --- The end (ending.cpp) ---

  /// Sends a close frame as soon as there is room for it. After close_timeout without room the connection
  /// ends. invalid_argument for what cannot be sent (RFC 6455 §7.4).
  void close(CloseCode code, std::string_view reason, std::error_code& ec) noexcept;
  /// The close frame waits for room.
  [[nodiscard]] bool close_waits() const noexcept { return close_wanted_; }
  /// Drops messages until the connection has ended. A view that was returned stays valid; without memory for
  /// that, the connection ends here.
  Next await_end() noexcept;
  /// The connection is over: only the Closed event is left to handle.
  [[nodiscard]] bool is_over() const noexcept { return connection_.state() == protocol::State::closed; }
  /// All events were handled: what is left is the end of the stream.
  [[nodiscard]] bool has_ended() const noexcept { return story_.has_ended(); }
  [[nodiscard]] bool is_open() const noexcept {
    return connection_.state() == protocol::State::open && !close_wanted_ && !input_ended_ &&
           !story_.output_has_failed();
  }

  /// What is to be done with the stream of a connection that has ended (RFC 6455 §7.1.1, §7.1.7).
  enum class StreamEnd : std::uint8_t {
    send,       ///< to_send(), first
    shut_down,  ///< our direction; report it by output_shut_down()
    discard,    ///< read and drop, until the end of the stream
    close,      ///< nothing is left to do
  };
  [[nodiscard]] StreamEnd stream_end() const noexcept;
  void output_shut_down() noexcept { output_shut_down_ = true; }
  /// When to close it at the latest; valid once the connection has ended.
  [[nodiscard]] protocol::Time stream_deadline() const noexcept { return stream_deadline_; }

  /// The story so far. A close frame counts as sent until the opposite is known.
  [[nodiscard]] CloseInfo close_info() const noexcept {
    CloseInfo info = story_.close_info();
    info.sent = connection_.close_info().sent;
    return info;
  }
  [[nodiscard]] Story& story() noexcept { return story_; }
  [[nodiscard]] const Story& story() const noexcept { return story_; }
  /// A ping is on its way: the time that poll() is told must be exact.
  [[nodiscard]] bool measures_round_trip() const noexcept { return connection_.measures_round_trip(); }
  [[nodiscard]] std::chrono::microseconds round_trip() const noexcept { return connection_.round_trip(); }

 private:
  protocol::MessageExtension* make_extension();
  void tap(Direction direction, std::span<const std::byte> bytes) noexcept {
    if (wire_tap_) call_tap(direction, bytes);
  }
  void call_tap(Direction direction, std::span<const std::byte> bytes) noexcept;

  void settle() noexcept;
  bool keep_view() noexcept;
  [[gnu::always_inline]] bool take_whole(MessageView& message) noexcept {
    protocol::MessagePart part;
    if (!protocol::take_plain_message(ready_, connection_.max_whole_message(), part)) return false;
    view_handed_out_ = true;
    message = {part.opcode == protocol::Opcode::text, part.bytes};
    return true;
  }
  // When messages are larger than the receive buffer, the next header is read with little of its payload
  // behind it: the rest goes straight to the message.
  std::span<std::byte> limited(std::span<std::byte> space) const noexcept {
    constexpr std::size_t header_read_size = 256;
    return last_was_large_ && space.size() > header_read_size ? space.first(header_read_size) : space;
  }
  bool find_ready() noexcept;
  bool grows_in_place(const protocol::PlainMessage& plain) noexcept;
  bool take_grown(const protocol::PlainMessage& plain, MessageView& message) noexcept;
  bool collect(const protocol::MessagePart& part) noexcept;
  std::span<std::byte> direct_space(std::uint64_t outstanding) noexcept;
  void note_refusal(const protocol::Refused& refused);
  bool on_event(const protocol::Event& event) noexcept;
  void on_closed(const protocol::CloseInfo& info) noexcept;

  Next send_frames(Outgoing& message, std::error_code& ec) noexcept;
  Next send_pieces(Outgoing& message, std::error_code& ec) noexcept;
  bool takes_no_more(std::error_code& ec) const noexcept;
  Next end_turn() noexcept {
    turn_taken_ = false;
    return Next::done;
  }
  void try_close() noexcept;

  const Options options_;
  std::function<void(Direction, std::span<const std::byte>)> wire_tap_;
  RandomPool random_;
  const std::size_t receive_capacity_;
  std::unique_ptr<std::byte[]> receive_buffer_;
  std::unique_ptr<std::byte[]> send_buffer_;
#if CPWEBSOCKETS_DEFLATE
  std::unique_ptr<std::byte[]> deflate_arena_;
  std::optional<protocol::PermessageDeflate> deflate_;
#endif
  protocol::Connection connection_;
  Story story_;
  std::vector<std::string_view> offered_subprotocols_;
  std::string subprotocol_;
  std::string extensions_;
  protocol::Time now_{};

  // Bytes in.
  std::span<std::byte> read_space_;  // as it was given last
  bool reads_direct_ = false;        // it is a part of message_
  bool input_ended_ = false;

  // The receiver's own.
  std::span<std::byte> ready_;  // input not looked at yet, behind whole messages that were taken
  std::size_t ready_size_ = 0;  // of it, with those messages: what the core is to be told of
  ByteBuffer message_;          // what has come of a message that is not in one piece in the receive buffer
  protocol::Utf8Validator growing_;  // of a text that grows in the receive buffer
  std::size_t growing_checked_ = 0;  // bytes of its payload
  std::unique_ptr<std::byte[]>
      viewed_buffer_;  // the receive buffer of a view, when reading went on elsewhere
  bool message_is_text_ = false;
  bool message_handed_out_ = false;  // a view of message_ is with the user until the next receiving call
  bool view_handed_out_ = false;     // a view of the receive buffer is
  bool part_handed_out_ = false;     // of a message that has not ended
  bool last_was_large_ = false;      // messages come larger than the buffer: read headers apart

  // Bytes out.
  bool turn_taken_ = false;    // a message is begun and not finished: whole messages wait
  bool close_wanted_ = false;  // a close frame waits for room
  bool output_shut_down_ = false;
  CloseCode close_code_ = CloseCode::none;
  std::uint8_t close_reason_size_ = 0;
  std::array<char, protocol::max_close_reason> close_reason_{};
  protocol::Time close_deadline_ = protocol::Time::max();
  protocol::Time stream_deadline_ = protocol::Time::max();
};

}  // namespace cpwebsockets
