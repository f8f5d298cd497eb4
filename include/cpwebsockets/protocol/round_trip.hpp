/// How long a pong takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpwebsockets/protocol/time.hpp"

namespace cpwebsockets::protocol {

/// Measures the latest ping. Payloads are told apart by their sizes and a hash.
class RoundTrip {
 public:
  /// A ping was sent.
  void begin(std::span<const std::byte> payload, Time now) noexcept;
  /// A pong came: true if it is the answer, the first one, and duration() is set.
  bool end(std::span<const std::byte> payload, Time now) noexcept;
  /// A ping waits for its answer.
  [[nodiscard]] bool is_outstanding() const noexcept { return is_outstanding_; }
  /// Of the last answered ping; zero when none was.
  [[nodiscard]] Duration duration() const noexcept { return duration_; }

 private:
  std::uint32_t tag_;
  std::uint8_t size_;
  bool is_outstanding_;
  Time begun_;
  Duration duration_;
};

}  // namespace cpwebsockets::protocol
