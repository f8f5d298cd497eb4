#include "cpwebsockets/protocol/utf8.hpp"

#include <cstring>

#include "utf8_avx2.hpp"

namespace cpwebsockets::protocol {
namespace {

using Word = std::uintptr_t;
constexpr Word high_bits = static_cast<Word>(0x8080808080808080ULL);

// Length of the run of ASCII at the start of `bytes`, in whole words; 0 where loading words is not free.
std::size_t ascii_words(const std::byte* bytes, std::size_t size) noexcept {
  std::size_t done = 0;
  if constexpr (has_unaligned_access) {
    for (; size - done >= sizeof(Word); done += sizeof(Word)) {
      Word word;
      std::memcpy(&word, bytes + done, sizeof word);
      if ((word & high_bits) != 0) break;
    }
  }
  return done;
}

}  // namespace

std::size_t Utf8Validator::consume_scalar(std::span<const std::byte> bytes) noexcept {
  const std::byte* const data = bytes.data();
  const std::size_t size = bytes.size();
  std::size_t i = 0;
  while (i < size) {
    const auto byte = std::to_integer<std::uint8_t>(data[i]);
    if (missing_ > 0) {
      if (byte < lowest_ || byte > highest_) return i;
      --missing_;
      lowest_ = 0x80;
      highest_ = 0xBF;
      ++i;
    } else if (byte < 0x80) {
      const std::size_t run = ascii_words(data + i, size - i);
      i += run > 0 ? run : 1;
    } else {
      // RFC 3629 §4: C0, C1 and F5 to FF never occur.
      if (byte < 0xC2 || byte > 0xF4) return i;
      missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
      if (byte == 0xE0) lowest_ = 0xA0;
      if (byte == 0xED) highest_ = 0x9F;
      if (byte == 0xF0) lowest_ = 0x90;
      if (byte == 0xF4) highest_ = 0x8F;
      ++i;
    }
  }
  return size;
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

bool is_valid_utf8(std::span<const std::byte> text) noexcept {
  Utf8Validator validator;
  return validator.consume(text) == text.size() && validator.complete();
}

}  // namespace cpwebsockets::protocol
