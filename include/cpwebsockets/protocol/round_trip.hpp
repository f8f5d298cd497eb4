/// How long a pong takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpwebsockets/protocol/time.hpp"

namespace cpwebsockets::protocol {

/// Measures the latest ping. It recognises the payload by its size and a hash.
class RoundTrip {
 public:
  /// A ping was sent.
  void begin(std::span<const std::byte> payload, Time now) noexcept;
  /// A pong came. True if it is the first answer to the ping: duration() is then set.
  bool end(std::span<const std::byte> payload, Time now) noexcept;
  /// A ping waits for its answer.
  [[nodiscard]] bool is_outstanding() const noexcept { return is_outstanding_; }
  /// Time that the last answered ping took; zero before.
  [[nodiscard]] Duration duration() const noexcept { return duration_; }

 private:
  std::uint32_t tag_;
  std::uint8_t size_;
  bool is_outstanding_;
  Time begun_;
  Duration duration_;
};

}  // namespace cpwebsockets::protocol
