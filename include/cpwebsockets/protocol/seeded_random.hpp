/// Unpredictable bytes from one seed, for devices whose true source is slow, small, or allocates at each
/// call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets::protocol {

/// SHA-1 (FIPS 180-4) of the seed and a counter. Whoever does not know the seed cannot predict the bytes from
/// earlier ones (RFC 6455 §10.3). Seed it once per connection from the true source. Not thread-safe.
class SeededRandom {
 public:
  /// Bytes.
  static constexpr std::size_t seed_size = 16;

  /// `seed`: unpredictable, and used nowhere else.
  explicit SeededRandom(std::span<const std::byte, seed_size> seed) noexcept;

  /// Fills `out` with unpredictable bytes.
  void fill(std::span<std::byte> out) noexcept;

  /// For Config::random. This object must stay where it is, and outlive the connection.
  [[nodiscard]] Random source() noexcept;

 private:
  std::array<char, seed_size> seed_{};
  std::array<std::byte, 20> block_{};
  std::uint32_t counter_ = 0;
  std::uint8_t left_ = 0;  // of the block
};

}  // namespace cpwebsockets::protocol
