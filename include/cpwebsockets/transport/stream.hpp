/// The interface to what moves bytes: TCP, or TLS over it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

#include "cpwebsockets/transport/handle.hpp"

namespace cpwebsockets::transport {

/// What became of a read or a write.
enum class IoStatus : std::uint8_t {
  ok,
  want_read,   ///< nothing moved: try again when the handle is readable
  want_write,  ///< nothing moved: try again when the handle is writable
  eof,         ///< the peer ended the stream
  error,
};

/// The result of a read or a write.
struct IoResult {
  /// What became of it.
  IoStatus status = IoStatus::ok;
  std::size_t size = 0;   ///< bytes moved, at least 1 when ok
  std::error_code error;  ///< set when status is error
};

/// A byte stream over a socket. read() and write() never wait. Not thread-safe, except where said.
class Stream {
 public:
  virtual ~Stream() = default;

  /// Reads what has come into the front of `into`.
  [[nodiscard]] virtual IoResult read(std::span<std::byte> into) noexcept = 0;
  /// Writes bytes from the front of `bytes`, as many as there is room for.
  [[nodiscard]] virtual IoResult write(std::span<const std::byte> bytes) noexcept = 0;

  /// True when read_within() waits in the same system call that reads, and may run beside write().
  [[nodiscard]] virtual bool can_read_within() const noexcept { return false; }
  /// Reads, and waits at most `limit`, maybe less: for the first byte, or with `fill` until `into` is full.
  /// Returns what has come by then; want_read if nothing has.
  [[nodiscard]] virtual IoResult read_within(std::span<std::byte> into, std::chrono::microseconds limit,
                                             bool fill) noexcept {
    static_cast<void>(limit);
    static_cast<void>(fill);
    return read(into);
  }

  /// Ends our direction: the peer reads end of file. Errors are ignored.
  virtual void shutdown_write() noexcept = 0;
  /// Ends both directions at once and wakes a thread that waits in read_within(). Thread-safe.
  virtual void abort() noexcept = 0;
  /// The socket, to wait for it, alone or among others. Wait for input only after a read() that returned
  /// want_read: TLS may hold what it has read ahead.
  [[nodiscard]] virtual Handle handle() const noexcept = 0;
};

}  // namespace cpwebsockets::transport
