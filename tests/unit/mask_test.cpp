// RFC 6455 §5.3.
#include <gtest/gtest.h>

#include <cpwebsockets/protocol/mask.hpp>
#include <cstring>
#include <vector>

namespace {

using cpwebsockets::protocol::mask;
using cpwebsockets::protocol::MaskingKey;

constexpr MaskingKey key{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31 + 7);
  return bytes;
}

TEST(Mask, every_size_alignment_and_offset_agrees_with_the_definition) {
  for (std::size_t size = 0; size < 300; ++size) {
    for (std::size_t from = 0; from < 9; ++from) {
      for (std::size_t to = 0; to < 9; to += 2) {
        const std::size_t offset = (size + from) % 7;
        const std::vector<std::byte> source = pattern(size + from);
        std::vector<std::byte> out(size + to + 1, std::byte{0xEE});
        mask(std::span(source).subspan(from), out.data() + to, key, offset);
        for (std::size_t i = 0; i < size; ++i) {
          ASSERT_EQ(out[to + i], source[from + i] ^ key[(offset + i) % 4])
              << size << ' ' << from << ' ' << to;
        }
        ASSERT_EQ(out[size + to], std::byte{0xEE}) << "past the end";
        if (to > 0) {
          ASSERT_EQ(out[to - 1], std::byte{0xEE}) << "before the start";
        }
      }
    }
  }
}

TEST(Mask, twice_is_the_identity_in_place_and_in_pieces) {
  const std::vector<std::byte> original = pattern(5000);
  for (const std::size_t piece : {1U, 3U, 64U, 777U, 5000U}) {
    std::vector<std::byte> bytes = original;
    mask(bytes, bytes.data(), key);
    EXPECT_NE(bytes, original);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const auto part = std::span(bytes).subspan(at, std::min(piece, bytes.size() - at));
      mask(part, part.data(), key, at);
    }
    EXPECT_EQ(bytes, original);
  }
}

}  // namespace
