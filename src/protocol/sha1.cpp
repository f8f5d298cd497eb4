#include "sha1.hpp"

#include <bit>
#include <cstdint>

namespace cpwebsockets::protocol {
namespace {

using ChainingValue = std::array<std::uint32_t, 5>;
using Block = std::span<std::uint32_t, 16>;

// FIPS 180-4 §6.1.3: the schedule rolls through the block's own sixteen words.
void add_block(ChainingValue& state, Block schedule) noexcept {
  static constexpr std::uint32_t constants[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
  ChainingValue v = state;
  for (std::uint32_t round = 0; round < 80; ++round) {
    std::uint32_t& word = schedule[round & 15];
    if (round >= 16) {
      word ^= schedule[(round + 2) & 15] ^ schedule[(round + 8) & 15] ^ schedule[(round + 13) & 15];
      word = std::rotl(word, 1);
    }
    const std::uint32_t phase = round < 20 ? 0 : round < 40 ? 1 : round < 60 ? 2 : 3;
    std::uint32_t mixed = v[1] ^ v[2] ^ v[3];                        // Parity
    if (phase == 0) mixed = v[3] ^ (v[1] & (v[2] ^ v[3]));           // Ch
    if (phase == 2) mixed = (v[1] & v[2]) | (v[3] & (v[1] | v[2]));  // Maj
    mixed += std::rotl(v[0], 5) + v[4] + constants[phase] + word;
    for (std::size_t i = 4; i > 0; --i) v[i] = v[i - 1];
    v[2] = std::rotl(v[2], 30);
    v[0] = mixed;
  }
  for (std::size_t i = 0; i < v.size(); ++i) state[i] += v[i];
}

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Sha1Digest sha1_short(std::string_view first, std::string_view second) noexcept {
  std::array<std::uint32_t, 32> words{};
  const std::size_t size = first.size() + second.size();
  for (std::size_t i = 0; i <= size; ++i) {
    std::uint32_t byte = 0x80;  // a bit behind the text
    if (i < size) byte = static_cast<unsigned char>(i < first.size() ? first[i] : second[i - first.size()]);
    words[i / 4] |= byte << (24 - 8 * (i % 4));
  }
  const std::size_t blocks = size <= 64 - 9 ? 1 : 2;
  words[16 * blocks - 1] = static_cast<std::uint32_t>(size * 8);  // its length in bits ends the last block

  ChainingValue state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (std::size_t i = 0; i < blocks; ++i) add_block(state, Block(words.data() + 16 * i, 16));
  Sha1Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::byte>(state[i / 4] >> (24 - 8 * (i % 4)) & 0xFF);
  }
  return digest;
}

void base64_encode(std::span<const std::byte> bytes, char* out) noexcept {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool padding = i + j > bytes.size();  // j characters carry j - 1 whole bytes
      *out++ = padding ? '=' : alphabet[group >> (18 - 6 * j) & 63];
    }
  }
}

bool is_base64_of_16_bytes(std::string_view text) noexcept {
  if (text.size() != 24 || !text.ends_with("==")) return false;
  for (std::size_t i = 0; i < 22; ++i) {
    const std::size_t value = alphabet.find(text[i]);
    if (value == std::string_view::npos) return false;
    if (i == 21 && (value & 15) != 0) return false;  // the last character carries two bits
  }
  return true;
}

}  // namespace cpwebsockets::protocol
