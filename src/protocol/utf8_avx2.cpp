#include "utf8_avx2.hpp"

#if CPWS_X86_DISPATCH

#include <immintrin.h>

#include <cstdint>
#include <cstring>

// Every malformed pair of neighbouring bytes is recognised by three table look-ups: by the first byte's high
// half, its low half, and the second byte's high half. Each table gives the set of errors that its half
// allows; an error that all three allow is real. What pairs cannot show, a third or fourth continuation byte,
// is compared apart.

namespace cpwebsockets::protocol::avx2 {
namespace {

constexpr std::uint8_t too_short = 1 << 0;          // a lead byte not followed by a continuation byte
constexpr std::uint8_t too_long = 1 << 1;           // ASCII followed by a continuation byte
constexpr std::uint8_t overlong_3 = 1 << 2;         // E0 80..9F
constexpr std::uint8_t too_large = 1 << 3;          // F4 90..BF, F5.. 90..BF
constexpr std::uint8_t surrogate = 1 << 4;          // ED A0..BF
constexpr std::uint8_t overlong_2 = 1 << 5;         // C0, C1
constexpr std::uint8_t too_large_80 = 1 << 6;       // F5.. 80..8F
constexpr std::uint8_t overlong_4 = 1 << 6;         // F0 80..8F: shares the bit, their first bytes differ
constexpr std::uint8_t two_continuations = 1 << 7;  // right only as a third or fourth byte
constexpr std::uint8_t any_low_half = too_short | too_long | two_continuations;

[[gnu::target("avx2")]] inline __m256i table(const std::uint8_t (&entries)[16]) noexcept {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(entries)));
}

constexpr std::uint8_t continuation = too_long | overlong_2 | two_continuations;
// clang-format off
constexpr std::uint8_t first_high[16] = {
    too_long, too_long, too_long, too_long, too_long, too_long, too_long, too_long,  // 0_ to 7_
    two_continuations, two_continuations, two_continuations, two_continuations,      // 8_ to B_
    too_short | overlong_2,                                                          // C_
    too_short,                                                                       // D_
    too_short | overlong_3 | surrogate,                                              // E_
    too_short | too_large | too_large_80 | overlong_4,                               // F_
};
constexpr std::uint8_t first_low[16] = {
    any_low_half | overlong_2 | overlong_3 | overlong_4,   // _0
    any_low_half | overlong_2,                             // _1
    any_low_half,
    any_low_half,
    any_low_half | too_large,                              // _4
    any_low_half | too_large | too_large_80,
    any_low_half | too_large | too_large_80,
    any_low_half | too_large | too_large_80,
    any_low_half | too_large | too_large_80,
    any_low_half | too_large | too_large_80,
    any_low_half | too_large | too_large_80,
    any_low_half | too_large | too_large_80,
    any_low_half | too_large | too_large_80,
    any_low_half | too_large | too_large_80 | surrogate,   // _D
    any_low_half | too_large | too_large_80,
    any_low_half | too_large | too_large_80,
};
constexpr std::uint8_t second_high[16] = {
    too_short, too_short, too_short, too_short, too_short, too_short, too_short, too_short,  // 0_ to 7_
    continuation | overlong_3 | too_large_80 | overlong_4,                                   // 8_
    continuation | overlong_3 | too_large,                                                   // 9_
    continuation | surrogate | too_large,                                                    // A_
    continuation | surrogate | too_large,                                                    // B_
    too_short, too_short, too_short, too_short,                                              // C_ to F_
};
// clang-format on

// The block shifted right by N bytes, filled with the last bytes of the previous block.
template <int N>
[[gnu::target("avx2")]] inline __m256i shifted(__m256i block, __m256i previous) noexcept {
  return _mm256_alignr_epi8(block, _mm256_permute2x128_si256(previous, block, 0x21), 16 - N);
}

struct Constants {
  __m256i first_high;
  __m256i first_low;
  __m256i second_high;
  __m256i low_half;
  __m256i high_bit;
  __m256i three_or_more;
  __m256i four;
};

[[gnu::target("avx2")]] inline Constants constants() noexcept {
  return {table(first_high),
          table(first_low),
          table(second_high),
          _mm256_set1_epi8(0x0F),
          _mm256_set1_epi8(static_cast<char>(0x80)),
          _mm256_set1_epi8(0xE0 - 0x80),
          _mm256_set1_epi8(0xF0 - 0x80)};
}

[[gnu::target("avx2")]] inline __m256i load(const std::byte* bytes) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

[[gnu::target("avx2")]] inline bool is_ascii(const Constants& with, __m256i block) noexcept {
  return _mm256_testz_si256(block, with.high_bit) != 0;
}

// Not zero where a malformed pair ends.
[[gnu::target("avx2")]] inline __m256i errors_of(const Constants& with, __m256i block,
                                                 __m256i previous) noexcept {
  const __m256i before1 = shifted<1>(block, previous);
  const __m256i before2 = shifted<2>(block, previous);
  const __m256i before3 = shifted<3>(block, previous);
  const __m256i by_first_high =
      _mm256_shuffle_epi8(with.first_high, _mm256_and_si256(_mm256_srli_epi16(before1, 4), with.low_half));
  const __m256i by_first_low = _mm256_shuffle_epi8(with.first_low, _mm256_and_si256(before1, with.low_half));
  const __m256i by_second_high =
      _mm256_shuffle_epi8(with.second_high, _mm256_and_si256(_mm256_srli_epi16(block, 4), with.low_half));
  const __m256i pair_errors = _mm256_and_si256(_mm256_and_si256(by_first_high, by_first_low), by_second_high);
  // Two bytes behind a lead of three or four, three behind a lead of four: a continuation byte must follow
  // one.
  const __m256i leads =
      _mm256_or_si256(_mm256_subs_epu8(before2, with.three_or_more), _mm256_subs_epu8(before3, with.four));
  return _mm256_xor_si256(_mm256_and_si256(leads, with.high_bit), pair_errors);
}

// Bytes of whole blocks at the front without a malformed pair; `previous` is the last of those blocks. Where
// it stops before the last whole block, there is one.
[[gnu::target("avx2")]] inline std::size_t scan(const Constants& with, std::span<const std::byte> text,
                                                __m256i& previous) noexcept {
  const std::byte* const data = text.data();
  std::size_t done = 0;
  for (; text.size() - done >= 64; done += 64) {
    const __m256i first = load(data + done);
    const __m256i second = load(data + done + 32);
    // ASCII behind ASCII needs no look at pairs.
    if (!is_ascii(with, _mm256_or_si256(_mm256_or_si256(first, second), previous))) {
      const __m256i errors =
          _mm256_or_si256(errors_of(with, first, previous), errors_of(with, second, first));
      if (_mm256_testz_si256(errors, errors) == 0) return done;
    }
    previous = second;
  }
  if (text.size() - done >= 32) {
    const __m256i block = load(data + done);
    const __m256i errors = errors_of(with, block, previous);
    if (_mm256_testz_si256(errors, errors) == 0) return done;
    previous = block;
    done += 32;
  }
  return done;
}

// The 1 to 31 bytes of `rest` and zeros behind them.
[[gnu::target("avx2")]] inline __m256i padded(std::span<const std::byte> rest) noexcept {
  alignas(32) std::byte block[32] = {};
  const std::size_t size = rest.size();
  const auto copy = [&](auto word) noexcept {  // two words that overlap, unless it is all of them
    std::memcpy(&word, rest.data(), sizeof word);
    std::memcpy(block, &word, sizeof word);
    std::memcpy(&word, rest.data() + size - sizeof word, sizeof word);
    std::memcpy(block + size - sizeof word, &word, sizeof word);
  };
  if (size >= 16) {
    copy(__uint128_t{});
  } else if (size >= 8) {
    copy(std::uint64_t{});
  } else if (size >= 4) {
    copy(std::uint32_t{});
  } else {
    copy(std::uint8_t{});
    block[size / 2] = rest[size / 2];
  }
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(block));
}

// Moves `end` back to the start of a code point that `text` cuts off there.
std::size_t between_code_points(const std::byte* text, std::size_t end) noexcept {
  for (std::size_t back = 1; back <= 3 && back <= end; ++back) {
    const auto byte = std::to_integer<std::uint8_t>(text[end - back]);
    if (byte < 0x80) return end;
    if (byte < 0xC0) continue;
    const std::size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    return length > back ? end - back : end;
  }
  return end;
}

}  // namespace

[[gnu::target("avx2")]] std::size_t valid_prefix(std::span<const std::byte> text) noexcept {
  __m256i previous = _mm256_setzero_si256();
  return between_code_points(text.data(), scan(constants(), text, previous));
}

[[gnu::target("avx2")]] bool is_valid(std::span<const std::byte> text) noexcept {
  const Constants with = constants();
  __m256i previous = _mm256_setzero_si256();
  const std::size_t done = scan(with, text, previous);
  const std::span<const std::byte> rest = text.subspan(done);
  if (rest.empty()) return between_code_points(text.data(), done) == done;
  if (rest.size() >= 32) return false;
  // A zero behind a code point that the end cuts off is a malformed pair.
  const __m256i block = padded(rest);
  if (is_ascii(with, _mm256_or_si256(block, previous))) return true;
  const __m256i errors = errors_of(with, block, previous);
  return _mm256_testz_si256(errors, errors) != 0;
}

}  // namespace cpwebsockets::protocol::avx2

#endif
