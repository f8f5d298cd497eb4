/// The seam between the client for devices and what moves its bytes: a UART, a modem, a co-processor on SPI,
/// lwIP, TLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpwebsockets/device/pipe_error.hpp"

namespace cpwebsockets::device {

/// Whom a pipe leads to. A pipe whose other end is fixed, like a UART, needs none of it.
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
  /// Goes on with whatever is under way, one bounded step, and says where it stands.
  [[nodiscard]] virtual PipeState poll() noexcept { return PipeState::open; }

  /// Puts what has come into the front of `into` and returns how much; 0: nothing for now.
  [[nodiscard]] virtual std::size_t read(std::span<std::byte> into) noexcept = 0;
  /// What write() returns when no byte can ever go out again: after a reset, for example.
  static constexpr std::size_t gone = ~std::size_t{0};

  /// Takes bytes from the front of `bytes` and returns how many; 0: no room for now; `gone`: poll() then says
  /// ended or failed as soon as all that came was read. What was not taken is given again, maybe with more
  /// behind it.
  [[nodiscard]] virtual std::size_t write(std::span<const std::byte> bytes) noexcept = 0;

  /// Ends both directions. What write() has taken still goes out, as far as the layer below does that by
  /// itself.
  virtual void close() noexcept {}

  /// True when what it carries is encrypted and the other end's name verified: what wss:// asks for.
  [[nodiscard]] virtual bool is_secure() const noexcept { return false; }

  /// The cause, after poll() said failed; while it says opening, the step it is in.
  [[nodiscard]] const PipeFailure& failure() const noexcept { return failure_; }

 protected:
  /// The pipe sets it before poll() says failed.
  PipeFailure failure_;  // to be set before poll() says failed

  ~Pipe() = default;  // pipes are members or static objects, and never deleted through this class
};

}  // namespace cpwebsockets::device
