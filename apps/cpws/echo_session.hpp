#pragma once

#include <chrono>
#include <cpwebsockets/transport/stream.hpp>
#include <memory>
#include <optional>

#include "echo_server.hpp"
#include "session/session.hpp"

namespace cpws {

/// One client of the echo server: drives a session over a stream. Never waits.
class EchoSession {
 public:
  /// `handshakes_tls`: `stream` is a TlsStream whose handshake is still to come. `options` must stay.
  EchoSession(std::unique_ptr<cpwebsockets::transport::Stream> stream, bool handshakes_tls,
              const ServeOptions& options);

  /// To wait for, and for what.
  [[nodiscard]] cpwebsockets::transport::Handle handle() const { return stream_->handle(); }
  [[nodiscard]] bool wants_read() const noexcept { return !echo_waits_ || session_.has_ended(); }
  [[nodiscard]] bool wants_write() const noexcept { return wants_write_; }
  /// More can be done at once, without waiting.
  [[nodiscard]] bool wants_step() const noexcept { return wants_step_; }
  [[nodiscard]] bool finished() const noexcept { return finished_; }

  /// Does what can be done now, up to a bounded amount, so that no client keeps another waiting.
  void step();
  /// Says goodbye: the server stops (RFC 6455 §7.4.1).
  void go_away();

 private:
  bool shake_hands();
  void handle_input();
  bool await_request();
  cpwebsockets::Next echo() noexcept;
  bool flush();
  bool read();
  void end_stream();

  const ServeOptions& options_;
  std::unique_ptr<cpwebsockets::transport::Stream> stream_;
  cpwebsockets::Session session_;
  cpwebsockets::MessagePart part_;  // that is being echoed
  cpwebsockets::Outgoing message_;  // the same, if it is a message
  std::size_t taken_ = 0;           // bytes of it, if it is not
  bool tls_pending_;
  bool opening_ = true;
  bool echo_waits_ = false;     // part_ waits for room in the send buffer
  bool message_begun_ = false;  // an echo in pieces
  bool wants_write_ = false;
  bool wants_step_ = false;
  bool finished_ = false;
};

}  // namespace cpws
