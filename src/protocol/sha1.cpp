#include "sha1.hpp"

#include <bit>
#include <cstdint>

namespace cpwebsockets::protocol {
namespace {

using State = std::array<std::uint32_t, 5>;

void add_block(State& state, const std::array<std::byte, 64>& block) noexcept {
  std::array<std::uint32_t, 16> schedule;
  for (std::size_t i = 0; i < 16; ++i) {
    std::uint32_t word = 0;
    for (std::size_t j = 0; j < 4; ++j) word = word << 8 | std::to_integer<std::uint32_t>(block[4 * i + j]);
    schedule[i] = word;
  }
  auto [a, b, c, d, e] = state;
  for (std::size_t round = 0; round < 80; ++round) {
    std::uint32_t& word = schedule[round & 15];
    if (round >= 16) {
      word = std::rotl(
          word ^ schedule[(round + 2) & 15] ^ schedule[(round + 8) & 15] ^ schedule[(round + 13) & 15], 1);
    }
    std::uint32_t mixed;
    if (round < 20) {
      mixed = ((b & c) | (~b & d)) + 0x5A827999;
    } else if (round < 40) {
      mixed = (b ^ c ^ d) + 0x6ED9EBA1;
    } else if (round < 60) {
      mixed = ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
    } else {
      mixed = (b ^ c ^ d) + 0xCA62C1D6;
    }
    const std::uint32_t next = std::rotl(a, 5) + mixed + e + word;
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Sha1Digest sha1_short(std::string_view text) noexcept {
  State state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  const std::size_t blocks = (text.size() + 9 + 63) / 64;  // one bit and the 64-bit length behind the text
  for (std::size_t block_index = 0; block_index < blocks; ++block_index) {
    std::array<std::byte, 64> block{};
    for (std::size_t i = 0; i < 64; ++i) {
      const std::size_t at = block_index * 64 + i;
      if (at < text.size()) block[i] = static_cast<std::byte>(text[at]);
      if (at == text.size()) block[i] = std::byte{0x80};
    }
    if (block_index + 1 == blocks) {
      const std::size_t bits = text.size() * 8;  // below 2^16
      block[62] = static_cast<std::byte>(bits >> 8);
      block[63] = static_cast<std::byte>(bits & 0xFF);
    }
    add_block(state, block);
  }
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
