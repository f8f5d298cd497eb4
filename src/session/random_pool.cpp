#include "random_pool.hpp"

#include <cstdint>
#include <cstring>

#include "cpwebsockets/transport/random.hpp"

namespace cpwebsockets {
namespace {

// What the page holds.
struct Pool {
  std::uint32_t left;  // unused bytes at the end of `bytes`; the zero after a fork means none
  std::byte bytes[transport::SecretPage::size - sizeof(std::uint32_t)];
};
static_assert(sizeof(Pool) == transport::SecretPage::size);

bool refill(Pool& pool) noexcept {
  if (!transport::system_random(pool.bytes)) return false;
  pool.left = sizeof pool.bytes;
  return true;
}

}  // namespace

bool RandomPool::fill(std::span<std::byte> out) noexcept {
  auto* const pool = reinterpret_cast<Pool*>(page_.bytes());
  if (pool == nullptr || out.size() > sizeof pool->bytes) return transport::system_random(out);
  if (pool->left < out.size() && !refill(*pool)) return false;
  pool->left -= static_cast<std::uint32_t>(out.size());
  std::byte* const used = pool->bytes + pool->left;
  if (out.size() == sizeof(protocol::MaskingKey)) {  // nearly always: a size that the compiler can see
    std::memcpy(out.data(), used, sizeof(protocol::MaskingKey));
    std::memset(used, 0, sizeof(protocol::MaskingKey));
  } else {
    std::memcpy(out.data(), used, out.size());
    std::memset(used, 0, out.size());
  }
  return true;
}

protocol::Random RandomPool::source() noexcept {
  return {[](void* context, std::span<std::byte> out) noexcept {
            return static_cast<RandomPool*>(context)->fill(out);
          },
          this};
}

}  // namespace cpwebsockets
