// Stellaris LM3S6965 (Cortex-M3) as QEMU has it, for ARMv6-M code. Left alone it ignores accesses outside of
// its memory and allows unaligned ones: the MPU and a trap make it as strict as a Cortex-M0+ with RAM_KB of
// RAM.
#include "board.hpp"
#include "cortex_m.hpp"
#include "registers.hpp"

namespace board {
namespace {

constexpr std::uint32_t clock_hz = 12'500'000;
constexpr std::uint32_t ticks_per_ms = clock_hz / 1000;
volatile std::uint32_t milliseconds;

constexpr std::uintptr_t systick_control = 0xE000E010;
constexpr std::uintptr_t systick_reload = 0xE000E014;
constexpr std::uintptr_t systick_current = 0xE000E018;
constexpr std::uintptr_t configuration_and_control = 0xE000ED14;
constexpr std::uintptr_t system_handlers = 0xE000ED24;
constexpr std::uintptr_t mpu_control = 0xE000ED94;
constexpr std::uintptr_t mpu_number = 0xE000ED98;
constexpr std::uintptr_t mpu_base = 0xE000ED9C;
constexpr std::uintptr_t mpu_attributes = 0xE000EDA0;

constexpr std::uint32_t read_only = 6U << 24;
constexpr std::uint32_t read_write = 3U << 24;
constexpr std::uint32_t no_execute = 1U << 28;

// `disabled`: eighths of the region that are not part of it, a bit for each.
void region(std::uint32_t number, std::uint32_t base, unsigned log2_size, std::uint32_t access,
            std::uint32_t disabled = 0) noexcept {
  reg(mpu_number) = number;
  reg(mpu_base) = base;
  reg(mpu_attributes) = access | disabled << 8 | (log2_size - 1) << 1 | 1U;
}

}  // namespace

void protect_memory() noexcept {
  static_assert(RAM_KB % 8 == 0 && RAM_KB <= 64, "the region has 64 KB in eighths");
  region(0, 0x00000000, 18, read_only);
  region(1, 0x20000000, 16, read_write | no_execute, 0xFFU << (RAM_KB / 8) & 0xFFU);
  region(2, 0x40000000, 29, read_write | no_execute);
  reg(system_handlers) |= 1U << 16;  // memory faults are told apart
  reg(mpu_control) = 1;              // no background region: all else faults
  asm volatile("dsb\n isb" ::: "memory");
  reg(configuration_and_control) |= 1U << 3;  // unaligned accesses trap
}

void start_clock() noexcept {
  reg(systick_reload) = ticks_per_ms - 1;
  reg(systick_current) = 0;
  reg(systick_control) = 7;
}

void on_tick() noexcept {
  milliseconds = milliseconds + 1;
}

cpwebsockets::protocol::Time now() noexcept {
  return cpwebsockets::protocol::Time(std::chrono::milliseconds(milliseconds));
}

// 80 ns each: 1.25 instructions under -icount shift=6.
std::uint64_t cycles() noexcept {
  std::uint32_t before = 0;
  std::uint32_t current = 0;
  do {
    before = milliseconds;
    current = reg(systick_current);
  } while (before != milliseconds);
  return std::uint64_t{before} * ticks_per_ms + (ticks_per_ms - 1 - current);
}

void idle() noexcept {
  asm volatile("wfi");
}

}  // namespace board
