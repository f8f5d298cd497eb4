/// The interface between the client for devices and what moves its bytes: a UART, a modem, a co-processor on
/// SPI, lwIP, TLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpwebsockets/device/pipe_error.hpp"

namespace cpwebsockets::device {

/// The other end of a pipe. A pipe whose other end is fixed, like a UART, does not need it.
struct Destination {
  std::string_view host = {};  ///< a name or an address, without brackets; also what a certificate must name
  /// TCP port.
  std::uint16_t port = 0;
};

/// What a pipe is doing.
enum class PipeState : std::uint8_t {
  opening,  ///< it waits for the other side; poll() again when bytes or time have passed
  working,  ///< opening, with more to compute: poll() again at once
  open,
  ended,   ///< no more bytes will come, and all that came were read
  failed,  ///< see failure()
};

/// A byte stream that never waits: every call returns at once with what can be done now. A pipe that is
/// always open, and whose other end is fixed, has only read() and write() to define. Not thread-safe.
///
/// Pipes can be stacked: mbedtls::TlsPipe is one over another.
class Pipe {
 public:
  /// Begins to open. `to`, and the text it views, stays valid until the pipe is open or has failed. A pipe
  /// that was closed, has ended or has failed can be opened again.
  virtual void open(const Destination& to) noexcept { static_cast<void>(to); }
  /// Continues what is under way by one bounded step, and returns the state.
  [[nodiscard]] virtual PipeState poll() noexcept { return PipeState::open; }

  /// Puts what has come into the front of `into`, and returns how many bytes; 0 if nothing has.
  [[nodiscard]] virtual std::size_t read(std::span<std::byte> into) noexcept = 0;
  /// What write() returns when nothing can ever be sent again: after a reset, for example.
  static constexpr std::size_t gone = ~std::size_t{0};

  /// Takes bytes from the front of `bytes`, and returns how many; 0 if there is no room now. After `gone`,
  /// poll() returns ended or failed as soon as all input has been read. What was not taken is given again,
  /// maybe with more behind it.
  [[nodiscard]] virtual std::size_t write(std::span<const std::byte> bytes) noexcept = 0;

  /// Ends both directions. What write() has taken is still sent if the layer below does so by itself.
  virtual void close() noexcept {}

  /// True when the pipe encrypts, and verifies the name of the other end, as wss:// requires.
  [[nodiscard]] virtual bool is_secure() const noexcept { return false; }

  /// The cause after poll() has returned failed; the present step while it returns opening.
  [[nodiscard]] const PipeFailure& failure() const noexcept { return failure_; }

 protected:
  /// The pipe sets it before poll() returns failed.
  PipeFailure failure_;

  ~Pipe() = default;  // pipes are members or static objects, and never deleted through this class
};

}  // namespace cpwebsockets::device
