// nRF51822 (Cortex-M0, 16 KB of RAM) as QEMU has it. Accesses outside of its memory fault by themselves.
#include "board.hpp"
#include "cortex_m.hpp"
#include "registers.hpp"
#include "uart.hpp"

namespace board {
namespace {

constexpr std::uintptr_t uart = 0x40002000;
constexpr std::uintptr_t start_receiving = uart + 0x000;
constexpr std::uintptr_t start_sending = uart + 0x008;
constexpr std::uintptr_t received = uart + 0x108;
constexpr std::uintptr_t was_sent = uart + 0x11C;
constexpr std::uintptr_t enable = uart + 0x500;
constexpr std::uintptr_t receive_data = uart + 0x518;
constexpr std::uintptr_t send_data = uart + 0x51C;
constexpr std::uintptr_t baud_rate = uart + 0x524;

constexpr std::uintptr_t timer = 0x40008000;  // 16 MHz
constexpr std::uintptr_t timer_start = timer + 0x000;
constexpr std::uintptr_t timer_capture = timer + 0x040;
constexpr std::uintptr_t timer_bits = timer + 0x508;
constexpr std::uintptr_t timer_prescaler = timer + 0x510;
constexpr std::uintptr_t timer_captured = timer + 0x540;

}  // namespace

void protect_memory() noexcept {}

void start_clock() noexcept {
  reg(timer_bits) = 3;  // 32
  reg(timer_prescaler) = 0;
  reg(timer_start) = 1;
}

void on_tick() noexcept {}

std::uint64_t cycles() noexcept {
  static std::uint32_t last;
  static std::uint32_t wraps;  // the counter's 268 s
  reg(timer_capture) = 1;
  const std::uint32_t count = reg(timer_captured);
  if (count < last) ++wraps;
  last = count;
  return std::uint64_t{wraps} << 32 | count;
}

cpwebsockets::protocol::Time now() noexcept {
  return cpwebsockets::protocol::Time(std::chrono::microseconds(cycles() / 16));
}

void idle() noexcept {}

UartPipe::UartPipe() noexcept {
  reg(enable) = 4;
  reg(baud_rate) = 0x01D7E000;  // 115,200
  reg(start_receiving) = 1;
  reg(start_sending) = 1;
}

std::size_t UartPipe::read(std::span<std::byte> into) noexcept {
  std::size_t size = 0;
  while (size < into.size() && reg(received) != 0) {
    reg(received) = 0;
    into[size++] = static_cast<std::byte>(reg(receive_data));
  }
  return size;
}

std::size_t UartPipe::write(std::span<const std::byte> bytes) noexcept {
  if (bytes.empty()) return 0;
  reg(was_sent) = 0;
  reg(send_data) = std::to_integer<std::uint32_t>(bytes[0]);
  while (reg(was_sent) == 0) {
  }
  return 1;
}

}  // namespace board
