// What compilers ask of a C library and of their own: there is none for Xtensa with register windows.
// Compiled without builtins, or these would call themselves.
#include <cstddef>
#include <cstdint>

// NOLINTBEGIN
extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (((reinterpret_cast<std::uintptr_t>(out) | reinterpret_cast<std::uintptr_t>(in)) & 3) == 0) {
    for (; size >= 4; size -= 4, out += 4, in += 4)
      *reinterpret_cast<std::uint32_t*>(out) = *reinterpret_cast<const std::uint32_t*>(in);
  }
  for (; size > 0; --size) *out++ = *in++;
  return to;
}

void* memmove(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (out <= in) return memcpy(to, from, size);
  while (size-- > 0) out[size] = in[size];
  return to;
}

void* memset(void* to, int value, std::size_t size) {
  for (auto* out = static_cast<unsigned char*>(to); size > 0; --size)
    *out++ = static_cast<unsigned char>(value);
  return to;
}

int memcmp(const void* a, const void* b, std::size_t size) {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  for (; size > 0; --size, ++left, ++right) {
    if (*left != *right) return *left < *right ? -1 : 1;
  }
  return 0;
}

void* memchr(const void* bytes, int wanted, std::size_t size) {
  for (const auto* at = static_cast<const unsigned char*>(bytes); size > 0; --size, ++at) {
    if (*at == static_cast<unsigned char>(wanted)) return const_cast<unsigned char*>(at);
  }
  return nullptr;
}

std::size_t strlen(const char* text) {
  std::size_t size = 0;
  while (text[size] != '\0') ++size;
  return size;
}

int strcmp(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
}

// A bit at a time: nothing that is measured divides by more than 32 bits.
std::uint64_t __udivmoddi4(std::uint64_t a, std::uint64_t b, std::uint64_t* rest) {
  std::uint64_t quotient = 0;
  std::uint64_t remainder = 0;
  for (int bit = 63; bit >= 0; --bit) {
    remainder = remainder << 1 | (a >> bit & 1);
    if (remainder >= b) {
      remainder -= b;
      quotient |= std::uint64_t{1} << bit;
    }
  }
  if (rest != nullptr) *rest = remainder;
  return quotient;
}
std::uint64_t __udivdi3(std::uint64_t a, std::uint64_t b) {
  return __udivmoddi4(a, b, nullptr);
}
std::uint64_t __umoddi3(std::uint64_t a, std::uint64_t b) {
  std::uint64_t rest = 0;
  __udivmoddi4(a, b, &rest);
  return rest;
}
std::int64_t __divdi3(std::int64_t a, std::int64_t b) {
  const auto size = [](std::int64_t value) {
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  };
  const std::uint64_t quotient = __udivdi3(size(a), size(b));
  return static_cast<std::int64_t>((a < 0) != (b < 0) ? 0 - quotient : quotient);
}
std::uint64_t __muldi3(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  for (; b != 0; b >>= 1, a <<= 1) {
    if ((b & 1) != 0) product += a;
  }
  return product;
}
}
// NOLINTEND
