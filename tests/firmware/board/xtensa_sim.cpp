// QEMU's Xtensa "sim" machine with an lx106: for the benchmark. Its host is behind SIMCALL.
#include "board.hpp"
#include "memory.hpp"

extern "C" int simulator_call(int operation, int a, const void* b, std::size_t c);
asm(R"(
  .section .vectors, "ax"
  .global reset_handler
reset_handler:
  j 1f
  .align 4
2: .word stack_top
3: .word start
1: l32r a1, 2b
  l32r a0, 3b
  jx a0

  .text
  .align 4
  .global simulator_call
simulator_call:
  simcall
  ret
)");

extern "C" {
[[noreturn, gnu::used]] void start() {
  board::start_memory();
  board::exit(main());
}

// Debian's libgcc leaves these to the ESP8266's boot ROM. A bit at a time: nothing that is measured divides.
unsigned long long __udivmoddi4(unsigned long long a, unsigned long long b,
                                unsigned long long* rest);  // NOLINT
unsigned long long __udivdi3(unsigned long long a, unsigned long long b) {
  return __udivmoddi4(a, b, nullptr);
}  // NOLINT
unsigned long long __umoddi3(unsigned long long a, unsigned long long b) {  // NOLINT
  unsigned long long rest = 0;
  __udivmoddi4(a, b, &rest);
  return rest;
}
unsigned __udivsi3(unsigned a, unsigned b) {  // NOLINT
  unsigned quotient = 0;
  unsigned rest = 0;
  for (int bit = 31; bit >= 0; --bit) {
    rest = rest << 1 | (a >> bit & 1);
    if (rest >= b) {
      rest -= b;
      quotient |= 1U << bit;
    }
  }
  return quotient;
}
unsigned __umodsi3(unsigned a, unsigned b) {
  return a - __udivsi3(a, b) * b;
}  // NOLINT
unsigned long long __umulsidi3(unsigned a, unsigned b) {  // NOLINT
  unsigned long long product = 0;
  for (unsigned long long shifted = a; b != 0; b >>= 1, shifted += shifted) {
    if ((b & 1) != 0) product += shifted;
  }
  return product;
}
}

namespace board {

void print(std::string_view text) noexcept {
  constexpr int sys_write = 4;
  simulator_call(sys_write, 1, text.data(), text.size());
}

void exit(int status) noexcept {
  constexpr int sys_exit = 1;
  simulator_call(sys_exit, status, nullptr, 0);
  for (;;) {
  }
}

std::uint64_t cycles() noexcept {
  std::uint32_t count = 0;
  asm volatile("rsr %0, ccount" : "=r"(count));
  return count;
}

}  // namespace board
