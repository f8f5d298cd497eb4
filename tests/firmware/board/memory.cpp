#include "memory.hpp"

#include <array>

#include "board.hpp"

namespace board {

std::size_t stack_peak() noexcept {
  const std::uint32_t* word = stack_limit;
  while (word < stack_top && *word == paint) ++word;
  return bytes_between(word, stack_top);
}

std::size_t stack_size() noexcept {
  return bytes_between(stack_limit, stack_top);
}

std::size_t static_size() noexcept {
  return bytes_between(data_start, data_end) + bytes_between(bss_start, bss_end);
}

void print(std::uint64_t number) noexcept {
  std::array<char, 20> digits;
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  print({digits.data() + at, digits.size() - at});
}

}  // namespace board

// What the compiler asks of a C++ run-time library: nothing is destroyed, nothing is pure, nothing is thrown.
namespace std {
void __throw_out_of_range_fmt(const char*, ...) {  // NOLINT
  board::exit(105);
}
}  // namespace std

extern "C" {
void* __dso_handle = nullptr;  // NOLINT(bugprone-reserved-identifier)
int __aeabi_atexit(void*, void (*)(void*), void*) {
  return 0;
}  // NOLINT(bugprone-reserved-identifier)
int __cxa_atexit(void (*)(void*), void*, void*) {
  return 0;
}  // NOLINT(bugprone-reserved-identifier)
[[noreturn]] void __cxa_pure_virtual() {
  board::exit(104);
}  // NOLINT(bugprone-reserved-identifier)
}
