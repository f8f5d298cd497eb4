// The start of a Cortex-M, and its faults: each of them ends the emulation with status 101.
#include <array>

#include "board.hpp"
#include "cortex_m.hpp"
#include "memory.hpp"
#include "registers.hpp"

// Semihosting: the operation in r0, its parameters in r1.
asm(R"(
  .section .text.semihosting_call, "ax"
  .thumb
  .thumb_func
  .global semihosting_call
  .type semihosting_call, %function
semihosting_call:
  bkpt 0xab
  bx lr
)");

namespace {

using board::reg;

constexpr std::uintptr_t configurable_fault_status = 0xE000ED28;
constexpr std::uintptr_t bus_fault_address = 0xE000ED38;

void print_hex(std::string_view name, std::uint32_t value) noexcept {
  std::array<char, 8> digits;
  for (std::size_t i = 0; i < digits.size(); ++i) digits[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
  board::print(name);
  board::print({digits.data(), digits.size()});
}

}  // namespace

extern "C" {

[[noreturn, gnu::used]] void report_fault(const std::uint32_t* frame) {
  constexpr int frame_size = 8;  // r0-r3, r12, lr, pc, xPSR
  if (frame >= stack_limit && frame + frame_size <= stack_top) {
    print_hex("FAULT pc=", frame[6]);
    print_hex(" lr=", frame[5]);
  } else {
    board::print("FAULT stack overflow");
  }
  print_hex(" cfsr=", reg(configurable_fault_status));
  print_hex(" address=", reg(bus_fault_address));
  board::print("\n");
  board::exit(101);
}

// After a stack overflow the stack pointer leads outside of the RAM: it is set back first.
[[gnu::naked]] void fault_handler() {
  asm volatile(
      "mrs r0, msp\n"
      "ldr r1, =stack_top\n"
      "msr msp, r1\n"
      "ldr r1, =report_fault\n"
      "bx r1\n"
      ".ltorg");
}

[[noreturn]] void unexpected_interrupt() {
  board::print("unexpected interrupt\n");
  board::exit(102);
}

[[noreturn]] void reset_handler() {
  board::protect_memory();
  board::start_memory();
  board::start_clock();
  board::exit(main());
}

using Handler = void (*)();
struct Vectors {
  std::uint32_t* initial_stack;
  std::array<Handler, 63> handlers;
};

constexpr std::array<Handler, 63> handlers() {
  std::array<Handler, 63> all{};
  all.fill(&unexpected_interrupt);
  all[0] = &reset_handler;
  for (std::size_t fault = 1; fault <= 5; ++fault)
    all[fault] = &fault_handler;  // NMI, hard, memory, bus, usage
  all[14] = &board::on_tick;
  return all;
}

[[gnu::section(".vectors"), gnu::used]] extern const Vectors vectors = {stack_top, handlers()};
}
