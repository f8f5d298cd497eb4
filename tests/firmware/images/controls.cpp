// Does what must not pass, as its argument says: each of them must end in a fault (status 101), or the tests
// prove nothing about memory.
#include "../board/board.hpp"
#include "../board/registers.hpp"

namespace {

void write_behind_ram() noexcept {
  board::reg(0x20000000 + RAM_KB * 1024) = 1;
}

// Of its own depth, so that the compiler makes no loop of it.
[[gnu::noinline]] unsigned overflow_stack(unsigned depth) noexcept {
  volatile unsigned here = depth;
  return here > 100'000 ? here : here + overflow_stack(depth + 1) + here;
}

void load_unaligned() noexcept {
  alignas(4) static std::uint32_t words[2];
  // In assembly: a compiler that sees the misalignment loads bytes.
  asm volatile("ldr r3, [%0]" : : "r"(reinterpret_cast<std::uintptr_t>(words) + 1) : "r3", "memory");
}

void write_to_null() noexcept {
  board::reg(0) = 1;
}

}  // namespace

int main() {
  const std::string_view what = board::arguments();
  if (what == "overrun") write_behind_ram();
  if (what == "overflow") board::print_line(overflow_stack(0));
  if (what == "unaligned") load_unaligned();
  if (what == "null") write_to_null();
  board::print_line("passed, which it must not: ", what);
  return 0;
}
