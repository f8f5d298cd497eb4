// Proves the handlers of register windows (board/xtensa_vectors.S): calls far deeper than the register file,
// by CALL4, 8 and 12 in turn and in compiled code, with a value in each register that a call must keep. What
// the image does, by its argument:
//
//   (none)        all of it; ends with 0 if every register kept its value
//   copied        the same with a copy of the handlers: must end with 0, or the next one would prove nothing
//   without=V.I   with a copy without instruction I of vector V (counted by 64 bytes): must not end with 0;
//                 2 if the vector has no such instruction
//   overflow      calls until the stack is used up, which must be a fault
#include <charconv>
#include <cstring>

#include "../board/board.hpp"

extern "C" {
extern const std::uint8_t vectors_start[], vectors[], vectors_end[];
void use_vectors(const std::uint8_t* table);
/// Calls itself `depth` deep in all three ways; returns how many registers have lost their value.
int mixed_calls(int depth);
}

// mixed_calls calls by CALL4, calls_by_8, which calls calls_by_12, which calls mixed_calls. Each fills what
// it owns from its depth, which it has on the stack as well, and looks for it after the call. A call's result
// arrives 4, 8 or 12 registers above the callee's a2.
asm(R"(
  .section .text.mixed_calls, "ax", @progbits
  .macro keep register, shift
  slli \register, a2, \shift
  .endm
  .macro check register, shift, errors, scratch
  l32i \scratch, a1, 0
  slli \scratch, \scratch, \shift
  beq \scratch, \register, 1f
  addi \errors, \errors, 1
1:
  .endm

  .p2align 2
to_calls_by_8:  .long calls_by_8
to_calls_by_12: .long calls_by_12
to_mixed_calls: .long mixed_calls

  .p2align 2
  .global mixed_calls
  .type mixed_calls, @function
mixed_calls:
  entry a1, 64
  beqz a2, no_more
  s32i a2, a1, 0
  keep a3, 3
  addi a6, a2, -1
  l32r a4, to_calls_by_8
  callx4 a4
  check a3, 3, a6, a8
  l32i a8, a1, 0
  sub a2, a2, a8
  add a2, a2, a6
  retw

  .p2align 2
calls_by_8:
  entry a1, 64
  beqz a2, no_more
  s32i a2, a1, 0
  keep a3, 3
  keep a4, 4
  keep a5, 5
  keep a6, 6
  keep a7, 7
  addi a10, a2, -1
  l32r a8, to_calls_by_12
  callx8 a8
  check a3, 3, a10, a12
  check a4, 4, a10, a12
  check a5, 5, a10, a12
  check a6, 6, a10, a12
  check a7, 7, a10, a12
  l32i a8, a1, 0
  sub a2, a2, a8
  add a2, a2, a10
  retw

  .p2align 2
calls_by_12:
  entry a1, 80
  beqz a2, no_more
  s32i a2, a1, 0
  keep a3, 3
  keep a4, 4
  keep a5, 5
  keep a6, 6
  keep a7, 7
  keep a8, 8
  keep a9, 9
  keep a10, 10
  keep a11, 11
  addi a14, a2, -1
  l32r a12, to_mixed_calls
  callx12 a12
  check a3, 3, a14, a15
  check a4, 4, a14, a15
  check a5, 5, a14, a15
  check a6, 6, a14, a15
  check a7, 7, a14, a15
  check a8, 8, a14, a15
  check a9, 9, a14, a15
  check a10, 10, a14, a15
  check a11, 11, a14, a15
  l32i a12, a1, 0
  sub a2, a2, a12
  add a2, a2, a14
  retw

no_more:
  movi a2, 0
  retw
)");

namespace {

constexpr int depth = 60;

// The compiler's own calls. They go through this, so that it makes no loop of them.
unsigned (*volatile call)(unsigned) noexcept;

// The sum of 1 to `n`, each summand in a register of its frame.
unsigned sum(unsigned n) noexcept {
  return n == 0 ? 0 : n + call(n - 1);
}

// As sum(), but moves the stack pointer after the call, when the caller's frame has been spilled.
unsigned allocate(unsigned n) noexcept {
  const unsigned below = n == 0 ? 0 : call(n - 1);
  auto* const bytes = static_cast<unsigned char*>(__builtin_alloca(16 + n % 4 * 16));
  std::memset(bytes, static_cast<int>(n), 16);
  asm volatile("" : : "r"(bytes) : "memory");
  return below + bytes[15];
}

unsigned without_end(unsigned n) noexcept {
  return 1 + call(n + 1);
}

unsigned run(unsigned (*function)(unsigned) noexcept, unsigned n) noexcept {
  call = function;
  return call(n);
}

alignas(1024) std::array<std::uint8_t, 2048> copied_vectors;

std::uint8_t* copy_vectors() noexcept {
  std::memcpy(copied_vectors.data(), vectors_start, static_cast<std::size_t>(vectors_end - vectors_start));
  std::uint8_t* const copy = copied_vectors.data() + (vectors - vectors_start);
  use_vectors(copy);
  return copy;
}

bool take_out(std::uint8_t* handler, std::size_t instruction) noexcept {
  constexpr std::array<std::uint8_t, 3> nop{0xF0, 0x20, 0x00};
  constexpr std::array<std::uint8_t, 3> return_from_overflow{0x00, 0x34, 0x00};
  constexpr std::array<std::uint8_t, 3> return_from_underflow{0x00, 0x35, 0x00};
  for (std::size_t i = 0; i <= instruction; ++i) {
    const std::uint8_t* const at = handler + 3 * i;
    if (std::memcmp(at, return_from_overflow.data(), 3) == 0 ||
        std::memcmp(at, return_from_underflow.data(), 3) == 0)
      return false;
  }
  std::memcpy(handler + 3 * instruction, nop.data(), nop.size());
  return true;
}

std::size_t number_in(std::string_view text) noexcept {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

int main() {
  const std::string_view what = board::arguments();
  constexpr std::string_view without = "without=";
  if (what == "overflow") board::print_line(std::uint64_t{run(&without_end, 0)});
  if (what == "copied") copy_vectors();
  if (what.starts_with(without)) {
    const std::size_t dot = what.find('.');
    const std::size_t vector = number_in(what.substr(without.size(), dot - without.size()));
    if (!take_out(copy_vectors() + 64 * vector, number_in(what.substr(dot + 1)))) return 2;
  }

  // Each result ends the run if it is wrong: what this function has in registers is in doubt then.
  const auto expect = [](std::string_view name, unsigned found, unsigned expected) {
    board::print_line(name, ": ", std::uint64_t{found}, ", must be ", std::uint64_t{expected});
    if (found != expected) board::exit(1);
  };
  expect("registers lost in mixed calls", static_cast<unsigned>(mixed_calls(depth)), 0);
  constexpr unsigned sum_to_depth = depth * (depth + 1) / 2;
  expect("sum by compiled calls", run(&sum, depth), sum_to_depth);
  expect("and with alloca", run(&allocate, depth), sum_to_depth);
  return 0;
}
