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

/// Sends a message piece by piece: Client::begin_text() and Client::begin_binary() make it. Other senders
/// wait until the message is finished. Pings and pongs go between its frames. It must not outlive the client,
/// nor be used by two threads at a time. Destroyed unfinished, it starts to close the connection with 1001
/// without waiting, as the beginning of a message cannot be taken back.
class MessageWriter {
 public:
  /// The other one can then only be destroyed.
  MessageWriter(MessageWriter&& other) noexcept
      : core_(other.core_), active_(std::exchange(other.active_, false)) {}
  MessageWriter& operator=(MessageWriter&&) = delete;
  ~MessageWriter();

#if __cpp_exceptions
  /// Sends a piece of any size, waiting as Client::send() does. When the wait ends first (`ec ==
  /// Condition::repeat`), taken() bytes of the piece were sent: repeat the rest. The same holds for
  /// ClientError::text_not_utf8. A code point may continue in the next piece.
  /// @{
  void append(std::string_view piece, const Wait& wait = {}) {
    or_throw([&](auto& ec) { append(piece, wait, ec); });
  }
  void append(Binary piece, const Wait& wait = {}) {
    or_throw([&](auto& ec) { append(piece, wait, ec); });
  }
  /// @}
  /// Ends the message. It can be repeated when the wait ends first, and after ClientError::text_not_utf8: the
  /// text ends inside of a code point, whose rest can still be appended.
  void finish(const Wait& wait = {}) {
    or_throw([&](auto& ec) { finish(wait, ec); });
  }
#endif

  /// Bytes of the latest piece that were sent.
  [[nodiscard]] std::size_t taken() const noexcept {
    return taken_;
  }

  /// As the form without `ec`, but never throws: `ec` says what went wrong, and is cleared otherwise.
  /// @{
  void append(std::string_view piece, std::error_code& ec) {
    append(piece, {}, ec);
  }
  void append(std::string_view piece, const Wait& wait, std::error_code& ec);
  void append(Binary piece, std::error_code& ec) {
    append(piece, {}, ec);
  }
  void append(Binary piece, const Wait& wait, std::error_code& ec);
  void finish(std::error_code& ec) {
    finish({}, ec);
  }
  void finish(const Wait& wait, std::error_code& ec);
  /// @}

 private:
  friend class Client;
  MessageWriter(ClientCore* core, bool active) noexcept : core_(core), active_(active) {}
  [[nodiscard]] Failure explain(std::error_code ec) const;
#if __cpp_exceptions
  template <typename Call>
  void or_throw(Call call) {
    std::error_code ec;
    call(ec);
    if (ec) throw ConnectionError(explain(ec));
  }
#endif
  ClientCore* core_;
  bool active_;  // the message is begun and not finished
  std::size_t taken_ = 0;
};

/// Made by Client::batch(). While it lives, messages that its thread sends gather in the send buffer, so that
/// several small ones leave by one system call: at its end, before the thread waits, and whenever 16 KiB have
/// gathered. A message of another thread leaves at once, and takes along those that have gathered before it.
/// It must not outlive the client, and must be destroyed by the thread that made it.
class Batch {
 public:
  /// The other one then gathers nothing.
  Batch(Batch&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  Batch& operator=(Batch&&) = delete;
  ~Batch();

 private:
  friend class Client;
  explicit Batch(ClientCore* core) noexcept : core_(core) {}
  ClientCore* core_;
};

}  // namespace cpwebsockets
