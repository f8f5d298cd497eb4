/// The blocking client behind its handle: waits and threads around a Session, and nothing else.
///
/// Two things are shared out among the threads that are inside a call:
///   mutex_        the session and the stream; held for non-blocking work only, never while waiting
///   reading_      the place of the one thread that reads, kept also while it waits
/// Who holds the place owns the receiver's part of the session (see session.hpp) without the mutex. It is
/// handed over by name: see reading_place.hpp.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cpwebsockets/client.hpp"
#include "cpwebsockets/transport/stream.hpp"
#include "cpwebsockets/transport/wait.hpp"
#include "reading_place.hpp"
#include "session/session.hpp"
#include "synchronization.hpp"

namespace cpwebsockets {

class ClientCore {
 public:
  using Deadline = transport::Deadline;

  explicit ClientCore(const Options& options) : session_(options) {}
  ClientCore(const ClientCore&) = delete;
  ClientCore& operator=(const ClientCore&) = delete;
  ~ClientCore();

  // connect.cpp
  void connect(std::string_view url, const Wait& wait, std::error_code& ec) noexcept;
  /// Goes on over a stream that is open, as connect() does.
  void open(std::unique_ptr<transport::Stream> stream, const protocol::Url& url, const Deadline& deadline);

  // receive.cpp
  Received<MessageView> receive_view(const Wait& wait, std::error_code& ec) noexcept;
  Received<Message> receive(const Wait& wait, std::error_code& ec) noexcept;
  Received<MessagePart> receive_part(const Wait& wait, std::error_code& ec) noexcept;

  // send.cpp
  void send(protocol::Opcode opcode, std::span<const std::byte> bytes, const Wait& wait,
            std::error_code& ec) noexcept;
  bool begin_message(protocol::Opcode opcode, const Wait& wait, std::error_code& ec) noexcept;
  std::size_t append(std::span<const std::byte> piece, const Wait& wait, std::error_code& ec) noexcept;
  bool finish(const Wait& wait, std::error_code& ec) noexcept;
  void abandon_message() noexcept;
  void ping(std::span<const std::byte> payload, const Wait& wait, std::error_code& ec) noexcept;
  bool cork() noexcept;
  void uncork() noexcept;

  // close.cpp
  void start_close(CloseCode code, std::string_view reason, const Wait& wait, std::error_code& ec) noexcept;
  void close(CloseCode code, std::string_view reason, const Wait& wait, std::error_code& ec) noexcept;

  [[nodiscard]] bool is_open() const noexcept;
  [[nodiscard]] CloseInfo close_info() const noexcept;
  [[nodiscard]] Failure failure() const;
  [[nodiscard]] Failure explain(std::error_code ec) const;
  [[nodiscard]] std::string subprotocol() const { return session_.subprotocol(); }
  [[nodiscard]] std::string extensions() const { return session_.extensions(); }
  [[nodiscard]] std::chrono::microseconds round_trip() const noexcept;
  [[nodiscard]] transport::Handle native_handle() const noexcept;

 private:
  using ReadInto = Session::ReadInto;

  // How long a sending call may wait: to a deadline of the caller's, or else as long as the socket takes
  // something within send_timeout.
  struct SendLimit {
    Deadline deadline;
    bool renewed_by_progress = false;
  };

  // connect.cpp
  bool open_stream(const protocol::Url& url, const Deadline& deadline);
  bool secure_stream(const std::string& host, std::uint16_t port, const Deadline& deadline);
  void try_connect(std::string_view url, const Wait& wait);
  void fail(Step step, std::error_code code, const std::string& about);

  // receive.cpp
  template <typename Piece>
  using Operation = Next (Session::*)(std::optional<Piece>&, std::error_code&) noexcept;
  template <typename Piece>
  Received<Piece> receive_by(Operation<Piece> operation, ReadInto into, const Wait& wait, bool& has_place,
                             std::error_code& ec) noexcept;
  bool read_unhurried(const Wait& wait, MessageView& view) noexcept;
  bool read_once(Lock& lock, ReadInto into, const Deadline& deadline, std::error_code& ec) noexcept;

  // send.cpp
  void flush_waiting(Lock& lock, const Wait& wait, std::error_code& ec) noexcept;
  void flush_accepted(Lock& lock, SendLimit& limit, std::error_code& ec) noexcept;
  bool await_room(Lock& lock, SendLimit& limit, std::error_code& ec) noexcept;
  template <typename Call>
  void run_sending(Lock& lock, SendLimit& limit, std::error_code& ec, Call call) noexcept;
  void send_waiting(Lock& lock, protocol::Opcode opcode, std::span<const std::byte> bytes, const Wait& wait,
                    std::error_code& ec) noexcept;
  void attend() noexcept;
  void look() noexcept;
  bool listen(bool may_read) noexcept;
  [[nodiscard]] bool gathers() const noexcept;
  [[nodiscard]] SendLimit limit_for(const Wait& wait) const noexcept;

  // close.cpp
  void await_others_end(Lock& lock, const Deadline& deadline, std::error_code& ec) noexcept;
  void end_stream(Lock& lock, const Deadline& deadline) noexcept;
  void drop_stream() noexcept;

  // client_core.cpp: the stream
  enum class Flushed : std::uint8_t { all, some, none };
  Flushed flush_now() noexcept { return session_.to_send().empty() ? Flushed::all : write_now(); }
  Flushed write_now() noexcept;
  void accept_input(const transport::IoResult& result) noexcept {
    if (result.status == transport::IoStatus::ok) {
      session_.received(result.size);
    } else if (result.status == transport::IoStatus::eof || result.status == transport::IoStatus::error) {
      session_.input_ended(result.error);
    }
  }
  std::error_code wait_for_stream(Lock& lock, bool read, bool write, const Deadline& deadline) noexcept;
  void release_stream() noexcept;
  // Does `work` with the stream while other threads may have the mutex.
  template <typename Work>
  auto unlocked(Lock& lock, Work work) noexcept {
    ++waiting_for_stream_;
    lock.unlock();
    auto result = work();
    lock.lock();
    --waiting_for_stream_;
    release_stream();
    return result;
  }

  // client_core.cpp: the reading place
  bool enter(Lock& lock, const Deadline& deadline, std::error_code& ec) noexcept;
  void leave() noexcept;

  // client_core.cpp: time
  [[nodiscard]] Deadline deadline_for(const Wait& wait, std::chrono::milliseconds otherwise) const noexcept;
  [[nodiscard]] static protocol::Time now() noexcept;
  [[nodiscard]] static transport::Clock::time_point point_of(protocol::Time time) noexcept;
  void tell_time(protocol::Time time) noexcept {
    last_look_ = last_time_ = time;
    session_.poll(time);
  }
  void let_time_pass() noexcept;
  bool is_over(const Deadline& deadline, std::error_code& ec) const noexcept;

  mutable Mutex mutex_;
  Signal changed_;  // a turn or the reading place is free, or the connection has ended
  ReadingPlace reading_;
  Session session_;
  std::unique_ptr<transport::Stream> stream_;  // null when it has ended, and nobody waits for it any more
  unsigned waiting_for_stream_ = 0;            // threads
  bool stream_ended_ = true;                   // nothing more will be read or written
  long process_ = 0;                           // that made the connection
  unsigned receivers_wanting_ = 0;             // threads that wait for the reading place to receive
  std::atomic<int> waiting_for_place_{0};      // threads
  protocol::Time last_time_{};                 // when time was told to the session
  protocol::Time last_look_{};                 // when somebody looked for input
  std::atomic<int> batches_{0};
  std::vector<std::thread::id> batching_;  // a thread for each batch
};

}  // namespace cpwebsockets
