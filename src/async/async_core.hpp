/// The asynchronous client without its completion tokens: a Session, a stream, and who waits for what.
///
/// Nothing here waits for a read or a write, only for readiness: so no buffer is tied to an operation of the
/// system, and one Stream serves the blocking client and this one, TLS included.
#pragma once

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "../session/session.hpp"
#include "cpwebsockets/async/operation.hpp"
#include "cpwebsockets/transport/tcp.hpp"
#include "open_connections.hpp"
#include "timer_wheel.hpp"

namespace cpwebsockets::detail {

/// Operations in the order in which they came.
class OperationQueue {
 public:
  [[nodiscard]] AsyncOperation* front() const noexcept { return first_; }
  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  void push(AsyncOperation* operation) noexcept {
    operation->next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = operation;
    last_ = operation;
  }
  AsyncOperation* pop() noexcept {
    AsyncOperation* const operation = first_;
    if (operation != nullptr) first_ = operation->next;
    return operation;
  }
  /// False if it is not here.
  bool remove(AsyncOperation* operation) noexcept {
    AsyncOperation* before = nullptr;
    for (AsyncOperation* at = first_; at != nullptr; before = at, at = at->next) {
      if (at != operation) continue;
      (before == nullptr ? first_ : before->next) = at->next;
      if (last_ == at) last_ = before;
      return true;
    }
    return false;
  }

 private:
  AsyncOperation* first_ = nullptr;
  AsyncOperation* last_ = nullptr;
};

class Connecting;

class AsyncCore : public std::enable_shared_from_this<AsyncCore> {
 public:
  AsyncCore(const asio::any_io_executor& executor, const Options& options);
  AsyncCore(const AsyncCore&) = delete;
  AsyncCore& operator=(const AsyncCore&) = delete;
  ~AsyncCore();

  [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] const Session& session() const noexcept { return session_; }
  [[nodiscard]] std::size_t pending_bytes() const noexcept;
  [[nodiscard]] std::optional<MessageView> take_ready() noexcept;

  /// From any thread.
  void connect(std::string_view url, AsyncOperation* operation);
  void start(AsyncOperation* operation);
  void cancel(AsyncOperation* operation, asio::cancellation_type type);
  /// The client is destroyed: all that is outstanding ends with operation_aborted.
  void abandon();
  /// The execution context ends: handlers are destroyed, not called.
  void shut_down() noexcept;

  /// For the timer wheel.
  static void post_deadline(std::shared_ptr<AsyncCore> core);

 private:
  friend class Connecting;
  enum class Phase : std::uint8_t {
    connecting,  // look-up and TCP, by Connecting
    securing,    // the TLS handshake
    opening,     // the opening handshake
    open,
    ending,  // what is left of the stream of a connection that has ended
    ended,
  };

  // Connecting (connecting.cpp)
  void start_connecting();
  void on_connected(std::unique_ptr<transport::TcpStream> stream);
  void fail(Step step, std::error_code code, const std::string& about);
  void secure();
  bool advance_securing();
  void begin_opening();

  // One turn (async_core.cpp)
  void run(Delivery delivery);
  bool deliver(Delivery delivery, int& handlers);
  bool hear_rest() noexcept;
  void advance();
  bool advance_phase();
  bool advance_opening();
  bool advance_open();
  bool advance_ending();
  void end_stream();
  void fail_to_connect(std::error_code code);
  void meet_deadline();
  void arm();
  void await(bool write);

  // What operations do (async_operations.cpp)
  bool run_outputs();
  Next run_output(AsyncOperation& operation);
  bool write_some();
  void time_out_outputs();
  void give_up(AsyncOperation* operation, std::error_code ec);
  bool run_receiver();
  Next receive(AsyncOperation& operation, std::error_code& ec);
  bool read_some(Session::ReadInto into);
  void finish(AsyncOperation* operation, std::error_code ec) noexcept;
  void finish(AsyncOperation* operation) noexcept;
  void finish_all(std::error_code ec) noexcept;
  void destroy_all() noexcept;
  void finish_at_end();

  static protocol::Time now() noexcept;
  [[nodiscard]] protocol::Time next_deadline() const noexcept;

  const asio::any_io_executor executor_;
  OpenConnections& connections_;
  OpenConnections::Place place_;
  TimerWheel& wheel_;
  TimerWheel::Entry timer_;
  protocol::Time armed_at_ = protocol::Time::max();
  Session session_;
  std::unique_ptr<transport::Stream> stream_;
  std::optional<asio::ip::tcp::socket> waiter_;  // waits for the stream's socket, which it does not own
  std::unique_ptr<Connecting> connecting_;
  std::string url_;  // up to the opening handshake

  Phase phase_ = Phase::connecting;
  bool is_running_ = false;  // run() is on the stack
  bool is_secure_ = false;
  bool read_awaited_ = false;
  bool write_awaited_ = false;
  bool may_read_ = false;         // the socket may have bytes
  bool may_write_ = true;         // the socket may have room
  bool is_fresh_ = false;         // it was said to have bytes, in this turn
  bool unheard_ = false;          // control frames may stand behind what has been received
  bool hears_rest_ = false;       // they are looked for now, as the turn ends
  bool read_wants_room_ = false;  // TLS
  bool wants_input_ = false;      // somebody has use for what comes
  bool message_waits_ = false;    // has come, and nobody takes it: nothing more is read
  bool outputs_wait_ = false;     // for room

  AsyncOperation* opener_ = nullptr;
  AsyncOperation* receiver_ = nullptr;
  AsyncOperation* writer_ = nullptr;  // append, finish
  OperationQueue senders_;            // send, begin
  OperationQueue pings_;
  OperationQueue closers_;
  OperationQueue done_;
  Outgoing outgoing_;  // of the first sender, while it has its turn
  std::size_t queued_bytes_ = 0;
  bool message_begun_ = false;  // by begin

  protocol::Time now_{};
  protocol::Time output_moved_{};  // when the socket last took bytes, or had nothing to take
  protocol::Time connect_deadline_ = protocol::Time::max();
};

}  // namespace cpwebsockets::detail
