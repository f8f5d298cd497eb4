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

[[gnu::noinline]] bool fill_from(Pool* pool, std::span<std::byte> out) noexcept {
  if (pool == nullptr || out.size() > sizeof pool->bytes) return transport::system_random(out);
  if (pool->left < out.size() && !refill(*pool)) return false;
  pool->left -= static_cast<std::uint32_t>(out.size());
  std::byte* const used = pool->bytes + pool->left;
  std::memcpy(out.data(), used, out.size());
  std::memset(used, 0, out.size());
  return true;
}

}  // namespace

// Nearly always a masking key: a size that the compiler can see, and nothing else to do.
bool RandomPool::fill(std::span<std::byte> out) noexcept {
  auto* const pool = reinterpret_cast<Pool*>(page_.bytes());
  constexpr std::uint32_t size = sizeof(protocol::MaskingKey);
  if (pool == nullptr || out.size() != size || pool->left < size) return fill_from(pool, out);
  pool->left -= size;
  std::byte* const used = pool->bytes + pool->left;
  std::memcpy(out.data(), used, size);
  std::memset(used, 0, size);
  return true;
}

protocol::Random RandomPool::source() noexcept {
  return {[](void* context, std::span<std::byte> out) noexcept {
            return static_cast<RandomPool*>(context)->fill(out);
          },
          this};
}

}  // namespace cpwebsockets
