// QEMU's Xtensa "lx60" board with a dc233c core, which has register windows, as those of the ESP32, S2 and
// S3. Code is in its ROM. RAM begins with the stack, and QEMU is given no more of it than RAM_KB: below and
// above nothing answers, and an access faults. The host is behind SIMCALL.
#include <algorithm>
#include <array>

#include "board.hpp"
#include "memory.hpp"
#include "registers.hpp"
#include "uart.hpp"

extern "C" {
int simulator_call(int operation, std::uintptr_t a, std::uintptr_t b, std::uintptr_t c);
void wait_for_ticks(std::uint32_t count);
}

namespace board {
namespace {

enum Operation : int {
  sys_exit = 1,
  sys_read = 3,
  sys_write = 4,
  sys_open = 5,
  sys_argument_count = 1000,
  sys_arguments_size = 1001,
  sys_arguments = 1002,
};

std::uintptr_t address_of(const void* pointer) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

constexpr std::uint32_t ticks_per_ms = 10'000;

// A 16550.
constexpr std::uintptr_t uart = 0xFD050020;
constexpr std::uintptr_t uart_data = uart + 0x00;
constexpr std::uintptr_t uart_fifo_control = uart + 0x08;
constexpr std::uintptr_t uart_line_status = uart + 0x14;
constexpr std::uint32_t has_received = 1U << 0;
constexpr std::uint32_t can_send = 1U << 5;
constexpr std::size_t send_fifo_size = 16;

}  // namespace

void print(std::string_view text) noexcept {
  constexpr int standard_output = 1;
  simulator_call(sys_write, standard_output, address_of(text.data()), text.size());
}

void exit(int status) noexcept {
  simulator_call(sys_exit, static_cast<std::uintptr_t>(status), 0, 0);
  for (;;) {
  }
}

std::string_view arguments() noexcept {
  // Pointers to the arguments and a null pointer, then the arguments, each with its NUL.
  static std::array<char, 256> block;
  const auto count = static_cast<std::size_t>(simulator_call(sys_argument_count, 0, 0, 0));
  const auto size = static_cast<std::size_t>(simulator_call(sys_arguments_size, 0, 0, 0));
  const std::size_t pointers = (count + 1) * sizeof(char*);
  if (count == 0 || size > block.size()) return {};
  simulator_call(sys_arguments, address_of(block.data()), 0, 0);
  std::replace(block.data() + pointers, block.data() + size, '\0', ' ');
  return {block.data() + pointers, size - pointers - 1};
}

bool fill_random(void*, std::span<std::byte> out) noexcept {
  static int file = -1;
  if (file < 0) file = simulator_call(sys_open, address_of("/dev/urandom"), 0, 0);
  return file >= 0 && simulator_call(sys_read, static_cast<std::uintptr_t>(file), address_of(out.data()),
                                     out.size()) == static_cast<int>(out.size());
}

// Its 32 bits last for seven minutes.
std::uint64_t cycles() noexcept {
  static std::uint32_t last;
  static std::uint32_t wraps;
  std::uint32_t count = 0;
  asm volatile("rsr %0, ccount" : "=r"(count));
  if (count < last) ++wraps;
  last = count;
  return std::uint64_t{wraps} << 32 | count;
}

cpwebsockets::protocol::Time now() noexcept {
  return cpwebsockets::protocol::Time(std::chrono::microseconds(cycles() / (ticks_per_ms / 1000)));
}

void idle() noexcept {
  wait_for_ticks(ticks_per_ms);
}

UartPipe::UartPipe() noexcept {
  reg(uart_fifo_control) = 1;
}

std::size_t UartPipe::read(std::span<std::byte> into) noexcept {
  std::size_t size = 0;
  while (size < into.size() && (reg(uart_line_status) & has_received) != 0)
    into[size++] = static_cast<std::byte>(reg(uart_data));
  return size;
}

std::size_t UartPipe::write(std::span<const std::byte> bytes) noexcept {
  if ((reg(uart_line_status) & can_send) == 0) return 0;
  const std::size_t size = std::min(bytes.size(), send_fifo_size);
  for (const std::byte byte : bytes.first(size)) reg(uart_data) = std::to_integer<std::uint32_t>(byte);
  return size;
}

}  // namespace board

extern "C" {
[[noreturn, gnu::used]] void start() {
  board::start_memory();
  board::exit(main());
}

[[noreturn, gnu::used]] void report_fault(std::uint32_t cause, std::uint32_t at, std::uint32_t address) {
  const bool in_front_of_ram = address >> 28 == 1;
  board::print_line("FAULT cause=", std::uint64_t{cause}, " pc=", std::uint64_t{at},
                    " address=", std::uint64_t{address}, in_front_of_ram ? " stack overflow" : "");
  board::exit(101);
}
}
