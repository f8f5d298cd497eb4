#include "cpwebsockets/protocol/utf8.hpp"

#include <cstring>

#include "utf8_avx2.hpp"

namespace cpwebsockets::protocol {
namespace {

using Word = std::uintptr_t;
constexpr Word high_bits = static_cast<Word>(0x8080808080808080ULL);

// True when a word can be loaded from `bytes` and all of it is ASCII.
bool is_ascii_word(const std::byte* bytes) noexcept {
  Word word;
  if constexpr (has_unaligned_access) {
    std::memcpy(&word, bytes, sizeof word);
  } else {
    if (reinterpret_cast<std::uintptr_t>(bytes) % sizeof word != 0) return false;
    std::memcpy(&word, __builtin_assume_aligned(bytes, sizeof word), sizeof word);
  }
  return (word & high_bits) == 0;
}

#if CPWS_X86_DISPATCH
// Bytes of the whole words at the front that are ASCII.
std::size_t ascii_words(const std::byte* text, std::size_t size) noexcept {
  std::size_t done = 0;
  while (size - done >= sizeof(Word) && is_ascii_word(text + done)) done += sizeof(Word);
  return done;
}
#endif

}  // namespace

std::size_t Utf8Validator::consume_scalar(std::span<const std::byte> bytes) noexcept {
  const std::byte* at = bytes.data();
  const std::byte* const end = at + bytes.size();
  for (; at != end; ++at) {
    const auto byte = std::to_integer<std::uint8_t>(*at);
    if (missing_ > 0) {
      if (byte < 0x80 + raised_ || byte > 0xBF - lowered_) break;
      --missing_;
      raised_ = 0;
      lowered_ = 0;
    } else if (byte < 0x80) {
      while (static_cast<std::size_t>(end - at) > sizeof(Word) && is_ascii_word(at + 1)) at += sizeof(Word);
    } else {
      // RFC 3629 §4: C0, C1 and F5 to FF never occur.
      if (byte < 0xC2 || byte > 0xF4) break;
      missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
      if (byte == 0xE0) raised_ = 0x20;
      if (byte == 0xED) lowered_ = 0x20;
      if (byte == 0xF0) raised_ = 0x10;
      if (byte == 0xF4) lowered_ = 0x30;
    }
  }
  return static_cast<std::size_t>(at - bytes.data());
}

std::size_t Utf8Validator::consume(std::span<const std::byte> bytes) noexcept {
#if CPWS_X86_DISPATCH
  if (bytes.size() >= avx2::utf8_threshold && cpu_has_avx2()) {
    // Finish the code point that the last piece began; then whole code points go to the vector loop.
    std::size_t begin = 0;
    for (; missing_ > 0; ++begin) {
      if (consume_scalar(bytes.subspan(begin, 1)) == 0) return begin;
    }
    begin += avx2::valid_prefix(bytes.subspan(begin));
    return begin + consume_scalar(bytes.subspan(begin));
  }
#endif
  return consume_scalar(bytes);
}

// Not inlined: the validator would make a frame of every caller.
[[gnu::noinline]] bool is_valid_utf8(std::span<const std::byte> text) noexcept {
#if CPWS_X86_DISPATCH
  // ASCII goes by words up to where a vector is faster.
  const std::size_t ascii = text.size() < 32 ? ascii_words(text.data(), text.size()) : 0;
  if (text.size() - ascii >= 4 && cpu_has_avx2()) return avx2::is_valid(text.subspan(ascii));
  text = text.subspan(ascii);
#endif
  Utf8Validator validator;
  return validator.consume(text) == text.size() && validator.complete();
}

}  // namespace cpwebsockets::protocol
