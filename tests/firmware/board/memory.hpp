/// The image's memory, as its linker script (link.ld.in) lays it out, and the painted stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

extern "C" {
extern std::uint32_t stack_limit[], stack_top[];
extern std::uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[];
extern void (*init_array_start[])();
extern void (*init_array_end[])();
int main();
}

namespace board {

inline constexpr std::uint32_t paint = 0xA5A5A5A5;

inline std::size_t bytes_between(const std::uint32_t* from, const std::uint32_t* to) noexcept {
  return static_cast<std::size_t>(to - from) * sizeof *from;
}

/// Paints the unused stack, fills the static data, runs the constructors.
[[gnu::always_inline]] inline void start_memory() noexcept {
  constexpr std::ptrdiff_t in_use = 16;  // words below the frame: this function's own
  auto* const frame = static_cast<std::uint32_t*>(__builtin_frame_address(0));
  for (volatile std::uint32_t* word = stack_limit; word < frame - in_use; ++word) *word = paint;
  std::memcpy(data_start, data_load, bytes_between(data_start, data_end));
  std::memset(bss_start, 0, bytes_between(bss_start, bss_end));
  for (auto* constructor = init_array_start; constructor != init_array_end; ++constructor) (*constructor)();
}

}  // namespace board
