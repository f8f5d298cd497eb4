#include "cpwebsockets/protocol/seeded_random.hpp"

#include <cstring>

#include "sha1.hpp"

namespace cpwebsockets::protocol {

SeededRandom::SeededRandom(std::span<const std::byte, seed_size> seed) noexcept {
  std::memcpy(seed_.data(), seed.data(), seed_size);
}

void SeededRandom::fill(std::span<std::byte> out) noexcept {
  for (std::byte& byte : out) {
    if (left_ == 0) {
      const auto* const counter = reinterpret_cast<const char*>(&counter_);
      block_ = sha1_short({seed_.data(), seed_size}, {counter, sizeof counter_});
      ++counter_;
      left_ = static_cast<std::uint8_t>(block_.size());
    }
    byte = block_[--left_];
  }
}

Random SeededRandom::source() noexcept {
  Random random;
  random.fill = [](void* context, std::span<std::byte> out) noexcept {
    static_cast<SeededRandom*>(context)->fill(out);
    return true;
  };
  random.context = this;
  return random;
}

}  // namespace cpwebsockets::protocol
