// QEMU's RISC-V "virt" machine, as an rv32imc: for the benchmark. Its semihosting is Arm's, behind an EBREAK
// in a frame of two no-operations.
#include "board.hpp"
#include "memory.hpp"

extern "C" int semihosting_call(int operation, const void* parameters);
asm(R"(
  .section .text.semihosting_call, "ax"
  .global semihosting_call
  .balign 16
semihosting_call:
  .option push
  .option norvc
  slli x0, x0, 0x1f
  ebreak
  srai x0, x0, 7
  .option pop
  ret

  .section .vectors, "ax"
  .global reset_handler
reset_handler:
  .option arch, +zicsr
  la sp, stack_top
  la t0, trap_handler
  csrw mtvec, t0
  j start
  .balign 4
trap_handler:
  j report_trap
)");

extern "C" {
[[noreturn, gnu::used]] void report_trap() {
  board::print("FAULT trap\n");
  board::exit(101);
}

[[noreturn, gnu::used]] void start() {
  board::start_memory();
  board::exit(main());
}
}

namespace board {

// Instructions, under -icount shift=0.
std::uint64_t cycles() noexcept {
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  std::uint32_t again = 0;
  do {
    asm volatile(".option arch, +zicsr\n csrr %0, mcycleh\n csrr %1, mcycle\n csrr %2, mcycleh"
                 : "=r"(high), "=r"(low), "=r"(again));
  } while (high != again);
  return std::uint64_t{high} << 32 | low;
}

}  // namespace board
