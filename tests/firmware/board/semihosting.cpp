// The host behind Arm semihosting, which RISC-V has taken over. How it is called is the board's.
#include <algorithm>
#include <array>

#include "board.hpp"

extern "C" int semihosting_call(int operation, const void* parameters);
namespace board {
namespace {

enum Operation : int {
  sys_open = 0x01,
  sys_write0 = 0x04,
  sys_read = 0x06,
  sys_time = 0x11,
  sys_get_cmdline = 0x15,
  sys_exit_extended = 0x20,
};

}  // namespace

void print(std::string_view text) noexcept {
  // The operation wants a NUL at the end.
  std::array<char, 65> piece;
  while (!text.empty()) {
    const std::size_t size = std::min(text.size(), piece.size() - 1);
    std::copy_n(text.data(), size, piece.data());
    piece[size] = '\0';
    semihosting_call(sys_write0, piece.data());
    text.remove_prefix(size);
  }
}

void exit(int status) noexcept {
  constexpr int application_exit = 0x20026;
  const std::array<int, 2> parameters{application_exit, status};
  semihosting_call(sys_exit_extended, parameters.data());
  for (;;) {
  }
}

std::string_view arguments() noexcept {
  static std::array<char, 192> line;
  struct {
    char* text;
    std::size_t size;
  } parameters{line.data(), line.size()};
  if (semihosting_call(sys_get_cmdline, &parameters) != 0) return {};
  return {line.data(), parameters.size};
}

bool fill_random(void*, std::span<std::byte> out) noexcept {
  static int file = -1;
  if (file < 0) {
    constexpr std::string_view name = "/dev/urandom";
    const struct {
      const char* name;
      int mode;
      std::size_t size;
    } parameters{name.data(), 1, name.size()};
    file = semihosting_call(sys_open, &parameters);
  }
  const struct {
    int file;
    std::byte* into;
    std::size_t size;
  } parameters{file, out.data(), out.size()};
  return file >= 0 && semihosting_call(sys_read, &parameters) == 0;
}

std::uint32_t wall_clock() noexcept {
  return static_cast<std::uint32_t>(semihosting_call(sys_time, nullptr));
}

}  // namespace board
