/// The blocking client behind its handle: moves bytes between a Stream and a protocol::Connection.
///
/// Locks, in the order in which they are taken:
///   reader_  the place of the one thread that reads; a second receiver is refused, not queued
///   mutex_   the connection and the stream; held for non-blocking work only, never while waiting
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cpwebsockets/client.hpp"
#include "cpwebsockets/protocol/connection.hpp"
#include "cpwebsockets/transport/stream.hpp"
#include "cpwebsockets/transport/wait.hpp"
#include "futex_mutex.hpp"
#include "random_pool.hpp"

#if CPWEBSOCKETS_DEFLATE
#include "cpwebsockets/protocol/permessage_deflate.hpp"
#endif

namespace cpwebsockets {

// A century: anything longer is no limit, and would overflow the clock.
inline constexpr std::chrono::milliseconds longest_time = std::chrono::hours(24 * 365 * 100);

class ClientCore {
 public:
  using Deadline = transport::Deadline;
  using Lock = std::unique_lock<FutexMutex>;

  explicit ClientCore(const Options& options);
  ClientCore(const ClientCore&) = delete;
  ClientCore& operator=(const ClientCore&) = delete;
  ~ClientCore();

  // connect.cpp
  void connect(std::string_view url, const Wait& wait, std::error_code& ec);

  // receive.cpp
  std::optional<MessageView> receive_view(const Wait& wait, std::error_code& ec);
  std::optional<Message> receive(const Wait& wait, std::error_code& ec);
  std::optional<MessagePart> receive_part(const Wait& wait, std::error_code& ec);

  // send.cpp
  void send(protocol::Opcode opcode, std::span<const std::byte> bytes, const Wait& wait, std::error_code& ec);
  bool begin_message(protocol::Opcode opcode, const Wait& wait, std::error_code& ec);
  std::size_t append(std::span<const std::byte> piece, const Wait& wait, std::error_code& ec);
  bool finish(const Wait& wait, std::error_code& ec);
  void abandon_message() noexcept;
  void ping(std::span<const std::byte> payload, const Wait& wait, std::error_code& ec);
  void cork() noexcept { ++corked_; }
  void uncork() noexcept;

  // close.cpp
  void start_close(std::uint16_t code, std::string_view reason, const Wait& wait, std::error_code& ec);
  void close(std::uint16_t code, std::string_view reason, const Wait& wait, std::error_code& ec);

  [[nodiscard]] bool is_open() const noexcept;
  [[nodiscard]] CloseInfo close_info() const;
  [[nodiscard]] Failure explain(std::error_code ec) const;
  [[nodiscard]] std::string subprotocol() const { return subprotocol_; }
  [[nodiscard]] std::string extensions() const { return extensions_; }
  [[nodiscard]] std::chrono::microseconds round_trip() const noexcept;
  [[nodiscard]] transport::Handle native_handle() const noexcept {
    return stream_ ? stream_->handle() : transport::no_handle;
  }

 private:
  // Who reads from the stream: nobody, a receiving call, or a
  // sender that answers pings while it waits for room.
  enum Reader : int { nobody, receiver, waiting_sender };

  // Holds the place of the one reader while in scope, if it could be had. A receiver waits for a sender to
  // leave it, which it does within moments; another receiver it does not wait for.
  class ReceiverPlace {
   public:
    ReceiverPlace(ClientCore& core, Reader role) noexcept : core_(core) {
      if (role == receiver) ++core.receivers_wanting_;
      int found = nobody;
      while (!(mine_ = core.reader_.compare_exchange_strong(found, role, std::memory_order_acquire)) &&
             role == receiver && found == waiting_sender) {
        core.reader_.wait(waiting_sender, std::memory_order_relaxed);
        found = nobody;
      }
      if (role == receiver) --core.receivers_wanting_;
    }
    ReceiverPlace(const ReceiverPlace&) = delete;
    ReceiverPlace& operator=(const ReceiverPlace&) = delete;
    ~ReceiverPlace() {
      if (!mine_) return;
      core_.reader_.store(nobody, std::memory_order_release);
      core_.reader_.notify_all();
    }
    [[nodiscard]] bool mine() const noexcept { return mine_; }

   private:
    ClientCore& core_;
    bool mine_ = false;
  };

  // connect.cpp
  void fail(Step step, std::error_code code, const std::string& about);
  bool open_stream(const protocol::Url& url, const Deadline& deadline);
  bool secure_stream(const std::string& host, std::uint16_t port, const Deadline& deadline);
  bool open_connection(const protocol::Url& url, const Deadline& deadline);
  bool await_opening(const Deadline& deadline);
  void note_refusal(const protocol::Refused& refused);
  protocol::MessageExtension* make_extension();

  // receive.cpp
  enum class ReadInto { buffer, message };
  bool next_part(Lock& lock, ReadInto into, const Deadline& deadline, protocol::MessagePart& part,
                 std::error_code& ec);
  bool collect(const protocol::MessagePart& part, std::error_code& ec);
  bool receive_more(Lock& lock, ReadInto into, const Deadline& deadline, std::error_code& ec);
  std::span<std::byte> direct_space(std::uint64_t outstanding) noexcept;
  std::span<std::byte> buffer_space() noexcept;
  void accept_input(const transport::IoResult& result, std::span<std::byte> space, bool direct) noexcept;
  std::optional<MessageView> receive_waiting(const Wait& wait, std::error_code& ec);
  bool read_unhurried() noexcept;
  // A wait comes back this often whatever happens: another thread may have started to close meanwhile.
  [[nodiscard]] protocol::Duration longest_read() const noexcept { return 2 * options_.close_timeout; }
  void let_time_pass() noexcept;
  void start_receiving() noexcept;
  [[nodiscard]] protocol::Time now() const noexcept;

  // send.cpp
  bool flush_now(std::error_code& ec) noexcept;
  bool flush(Lock& lock, const Deadline& deadline, std::error_code& ec);
  void flush_accepted(Lock& lock, const Deadline& deadline, std::error_code& ec);
  bool await_writable(Lock& lock, const Deadline& deadline, std::error_code& ec);
  void answer_control_frames() noexcept;
  void send_by_pieces(Lock& lock, protocol::Opcode opcode, std::span<const std::byte> bytes,
                      const Deadline& deadline, std::error_code& ec);
  std::size_t append_pieces(Lock& lock, std::span<const std::byte> piece, bool last, const Deadline& deadline,
                            std::error_code& ec);
  bool await_turn(Lock& lock, const Deadline& deadline, std::error_code& ec);
  void end_turn() noexcept;
  void send_waiting(Lock& lock, protocol::Opcode opcode, std::span<const std::byte> bytes, const Wait& wait,
                    std::error_code& ec);
  void dead(std::error_code& ec) const;

  // close.cpp
  void on_closed(const protocol::Closed& closed);
  void end_stream(Lock& lock);
  bool send_close(Lock& lock, std::uint16_t code, std::string_view reason, const Wait& wait,
                  std::error_code& ec);
  [[nodiscard]] Deadline deadline_for(const Wait& wait, std::chrono::milliseconds otherwise) const;
  void tap(Direction direction, std::span<const std::byte> bytes) const {
    if (options_.wire_tap) options_.wire_tap(direction, bytes);
  }

  const Options options_;
  RandomPool random_;
  std::unique_ptr<std::byte[]> receive_buffer_;
  std::unique_ptr<std::byte[]> send_buffer_;
#if CPWEBSOCKETS_DEFLATE
  std::unique_ptr<std::byte[]> deflate_arena_;
  std::optional<protocol::PermessageDeflate> deflate_;
#endif
  protocol::Connection connection_;
  std::unique_ptr<transport::Stream> stream_;
  std::string subprotocol_;
  std::string extensions_;

  mutable FutexMutex mutex_;
  std::condition_variable_any ended_cv_;
  std::condition_variable_any turn_cv_;
  std::atomic<int> reader_{nobody};
  std::atomic<int> receivers_wanting_{0};  // a sender leaves its place to them
  std::atomic<int> corked_{0};

  // Guarded by mutex_.
  bool message_begun_ = false;   // a sender is between begin and finish: whole messages of others wait
  bool closed_ = false;          // the Closed event came: info_ is final
  bool stream_ended_ = false;    // nothing more will be read or written
  std::error_code write_error_;  // the stream takes no more bytes
  std::error_code read_error_;
  CloseInfo info_;

  // The receiver's own.
  ByteBuffer message_;  // what has come of a message that is not in one piece in the receive buffer
  bool message_is_text_ = false;
  bool message_handed_out_ = false;  // a view of message_ is with the user until the next receiving call
  bool view_handed_out_ = false;     // a view of the receive buffer is: it must not move
  bool last_was_large_ = false;      // messages come larger than the buffer: read headers apart
  protocol::Time last_time_;         // when time was told to the core; guarded by mutex_
};

}  // namespace cpwebsockets
