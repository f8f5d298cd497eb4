// The memory functions that compilers call: a native .mpy is linked with no C library.
#include <stddef.h>

void* memcpy(void* to, const void* from, size_t size) {
  char* out = to;
  for (const char* in = from; size > 0; --size) *out++ = *in++;
  return to;
}

void* memmove(void* to, const void* from, size_t size) {
  if ((char*)to < (const char*)from) return memcpy(to, from, size);
  while (size-- > 0) ((char*)to)[size] = ((const char*)from)[size];
  return to;
}

void* memset(void* to, int value, size_t size) {
  while (size-- > 0) ((char*)to)[size] = (char)value;
  return to;
}

int memcmp(const void* a, const void* b, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    const int difference = ((const unsigned char*)a)[i] - ((const unsigned char*)b)[i];
    if (difference != 0) return difference;
  }
  return 0;
}

void* memchr(const void* bytes, int wanted, size_t size) {
  for (const unsigned char* at = bytes; size > 0; ++at, --size) {
    if (*at == (unsigned char)wanted) return (void*)at;
  }
  return NULL;
}

size_t strlen(const char* text) {
  size_t size = 0;
  while (text[size] != 0) ++size;
  return size;
}

#if defined(__clang__) && defined(__xtensa__)
// Of the compiler's own library, which clang has not for this processor. Half words: a product of words would
// be this.
unsigned long long __muldi3(unsigned long long a, unsigned long long b) {
  unsigned long long sum = 0;
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; i + j < 4; ++j) {
      const unsigned product = (unsigned)(a >> 16 * i & 0xFFFF) * (unsigned)(b >> 16 * j & 0xFFFF);
      sum += (unsigned long long)product << 16 * (i + j);
    }
  }
  return sum;
}
#endif
