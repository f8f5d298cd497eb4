/// Masking by words, for texts too short to be worth a vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cpu.hpp"
#include "cpwebsockets/protocol/frame.hpp"

namespace cpwebsockets::protocol {

/// From this many bytes on, a vector is faster.
inline constexpr std::size_t mask_vector_threshold = 64;

/// The widest integer that one instruction loads.
using Word = std::uintptr_t;
static_assert(sizeof(Word) == 4 || sizeof(Word) == 8);

/// Masks as many whole words as there are, with the key as it lies in memory there, and moves both pointers
/// and the size behind them. The processor loads words from anywhere, or both pointers are aligned.
[[gnu::always_inline]] inline void mask_words(const std::byte*& from, std::byte*& to, std::size_t& size,
                                              std::uint32_t key) noexcept {
  Word key_word = key;
  if constexpr (sizeof(Word) == 8) {
    key_word |= key_word << 32;
    for (; size >= 16; size -= 16, from += 16, to += 16) {  // one step of every 64-bit processor
      Word words[2];
      std::memcpy(words, from, 16);
      words[0] ^= key_word;
      words[1] ^= key_word;
      std::memcpy(to, words, 16);
    }
  }
  for (; size >= sizeof(Word); size -= sizeof(Word)) {
    Word word;
    if constexpr (has_unaligned_access) {
      std::memcpy(&word, from, sizeof word);
      word ^= key_word;
      std::memcpy(to, &word, sizeof word);
    } else {
      std::memcpy(&word, __builtin_assume_aligned(from, sizeof word), sizeof word);
      word ^= key_word;
      std::memcpy(__builtin_assume_aligned(to, sizeof word), &word, sizeof word);
    }
    from += sizeof word;
    to += sizeof word;
  }
}

}  // namespace cpwebsockets::protocol
