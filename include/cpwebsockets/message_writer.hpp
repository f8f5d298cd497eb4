/// Messages sent piece by piece, and several messages sent at once.
#pragma once

#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include "cpwebsockets/error.hpp"
#include "cpwebsockets/message.hpp"
#include "cpwebsockets/options.hpp"

namespace cpwebsockets {

class Client;
class ClientCore;  // the implementation, in src/client/

/// Sends a message of unknown length piece by piece. Other senders wait until it is finished; pings and pongs
/// go between its frames. It must not outlive the client. Destroyed unfinished, it starts to close the
/// connection with 1001, without a wait, as a message cannot be taken back.
class MessageWriter {
 public:
  MessageWriter(MessageWriter&& other) noexcept
      : core_(other.core_), active_(std::exchange(other.active_, false)) {}
  MessageWriter& operator=(MessageWriter&&) = delete;
  ~MessageWriter();

  /// Sends a piece. After timed_out or operation_canceled, taken() tells how much of it was sent: repeat the
  /// rest. ClientError::text_not_utf8 tells the same of a text that can be no text.
  void append(std::string_view piece, const Wait& wait, std::error_code& ec);
  void append(std::string_view piece, std::error_code& ec) { append(piece, {}, ec); }
  void append(Binary piece, const Wait& wait, std::error_code& ec);
  void append(Binary piece, std::error_code& ec) { append(piece, {}, ec); }
  /// Ends the message. Can be repeated after a timeout, and after text_not_utf8: the text ends inside a code
  /// point, whose rest can still be appended.
  void finish(const Wait& wait, std::error_code& ec);
  void finish(std::error_code& ec) { finish({}, ec); }
  /// Bytes of the latest piece that were taken.
  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }

#if __cpp_exceptions
  void append(std::string_view piece, const Wait& wait = {}) {
    std::error_code ec;
    append(piece, wait, ec);
    if (ec) throw ConnectionError(explain(ec));
  }
  void append(Binary piece, const Wait& wait = {}) {
    std::error_code ec;
    append(piece, wait, ec);
    if (ec) throw ConnectionError(explain(ec));
  }
  void finish(const Wait& wait = {}) {
    std::error_code ec;
    finish(wait, ec);
    if (ec) throw ConnectionError(explain(ec));
  }
#endif

 private:
  friend class Client;
  MessageWriter(ClientCore* core, bool active) noexcept : core_(core), active_(active) {}
  [[nodiscard]] Failure explain(std::error_code ec) const;
  ClientCore* core_;
  bool active_;  // the message is begun and not finished
  std::size_t taken_ = 0;
};

/// While it lives, the messages that its thread sends gather in the send buffer: several small ones leave in
/// one system call, at its end, before the thread waits, and whenever 16 KiB have gathered. Messages of other
/// threads leave at once, and those that have gathered before them. It must not outlive the client, and must
/// be destroyed in the thread that made it.
class Batch {
 public:
  Batch(Batch&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  Batch& operator=(Batch&&) = delete;
  ~Batch();

 private:
  friend class Client;
  explicit Batch(ClientCore* core) noexcept : core_(core) {}
  ClientCore* core_;
};

}  // namespace cpwebsockets
