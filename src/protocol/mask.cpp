#include "cpwebsockets/protocol/mask.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

#include "cpu.hpp"
#include "mask_words.hpp"

#if CPWS_X86_DISPATCH
#include <immintrin.h>
#endif

namespace cpwebsockets::protocol {
namespace {

#if CPWS_X86_DISPATCH
// Masks whole 32-byte blocks and returns how many bytes that were. The key does not rotate: 32 is a multiple
// of 4.
[[gnu::noinline, gnu::target("avx2")]] std::size_t mask_avx2(const std::byte* source, std::byte* destination,
                                                             std::size_t size, std::uint32_t key) noexcept {
  const __m256i keys = _mm256_set1_epi32(static_cast<int>(key));
  std::size_t done = 0;
  for (; size - done >= 128; done += 128) {
    for (std::size_t lane = 0; lane < 128; lane += 32) {
      const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(source + done + lane));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(destination + done + lane),
                          _mm256_xor_si256(block, keys));
    }
  }
  for (; size - done >= 32; done += 32) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(source + done));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(destination + done), _mm256_xor_si256(block, keys));
  }
  return done;
}
#endif

bool is_aligned(const std::byte* pointer) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer) % sizeof(Word) == 0;
}

}  // namespace

void mask(std::span<const std::byte> source, std::byte* destination, MaskingKey key,
          std::size_t offset) noexcept {
  const std::byte* from = source.data();
  std::size_t size = source.size();

  // Bytes up to a word boundary, where the CPU needs one.
  if constexpr (!has_unaligned_access) {
    for (; size > 0 && !is_aligned(destination); --size) {
      *destination++ = *from++ ^ key[offset++ & 3];
    }
  }

  if (size >= sizeof(Word) && (has_unaligned_access || is_aligned(from))) {
    // The key as it lies in memory from `offset` on, over and over.
    std::uint32_t key32;
    std::memcpy(&key32, key.data(), sizeof key32);
    const int turn = static_cast<int>(offset & 3) * 8;
    key32 = std::endian::native == std::endian::little ? std::rotr(key32, turn) : std::rotl(key32, turn);

#if CPWS_X86_DISPATCH
    if (size >= mask_vector_threshold && cpu_has_avx2()) {
      const std::size_t done = mask_avx2(from, destination, size, key32);
      from += done;
      destination += done;
      size -= done;
    }
#endif
    mask_words(from, destination, size, key32);
  }

  for (; size > 0; --size) *destination++ = *from++ ^ key[offset++ & 3];
}

}  // namespace cpwebsockets::protocol
