// RP2040 (Cortex-M0+) as rp2040js has it: one core, no boot ROM. The emulator's count of cycles is had by a
// semihosting call of its own.
#include "board.hpp"
#include "cortex_m.hpp"
#include "registers.hpp"
#include "uart.hpp"

extern "C" int semihosting_call(int operation, const void* parameters);

namespace board {
namespace {

constexpr std::uintptr_t release_from_reset = 0x4000F000;
constexpr std::uintptr_t uart = 0x40034000;  // a PL011
constexpr std::uintptr_t data = uart + 0x00;
constexpr std::uintptr_t flags = uart + 0x18;
constexpr std::uint32_t receive_fifo_empty = 1U << 4;
constexpr std::uint32_t send_fifo_full = 1U << 5;

}  // namespace

void protect_memory() noexcept {}
void start_clock() noexcept {}
void on_tick() noexcept {}
void idle() noexcept {}

std::uint64_t cycles() noexcept {
  constexpr int elapsed = 0x30;
  std::uint64_t count = 0;
  semihosting_call(elapsed, &count);
  asm volatile("" : "+m"(count));
  return count;
}

cpwebsockets::protocol::Time now() noexcept {
  return cpwebsockets::protocol::Time(std::chrono::microseconds(cycles() / 125));
}

UartPipe::UartPipe() noexcept {
  reg(release_from_reset) = 0;
  reg(uart + 0x24) = 67;  // 115,200 baud of 125 MHz
  reg(uart + 0x28) = 52;
  reg(uart + 0x2C) = 0x70;   // 8 bits, FIFOs
  reg(uart + 0x30) = 0x301;  // on, both ways
}

std::size_t UartPipe::read(std::span<std::byte> into) noexcept {
  std::size_t size = 0;
  while (size < into.size() && (reg(flags) & receive_fifo_empty) == 0)
    into[size++] = static_cast<std::byte>(reg(data));
  return size;
}

std::size_t UartPipe::write(std::span<const std::byte> bytes) noexcept {
  std::size_t size = 0;
  while (size < bytes.size() && (reg(flags) & send_fifo_full) == 0)
    reg(data) = std::to_integer<std::uint32_t>(bytes[size++]);
  return size;
}

}  // namespace board
