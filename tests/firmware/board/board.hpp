/// What the test images need of a board, emulated or not.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpwebsockets/protocol/connection.hpp"

namespace board {

// The emulator's host (Arm semihosting and its like).

void print(std::string_view text) noexcept;
void print(std::uint64_t number) noexcept;
/// Prints all of them, then ends the line.
template <class... Values>
void print_line(const Values&... values) noexcept {
  (print(values), ...);
  print(std::string_view("\n"));
}
/// Ends the emulation with this exit status.
[[noreturn]] void exit(int status) noexcept;
/// The image's arguments, separated by blanks.
[[nodiscard]] std::string_view arguments() noexcept;
/// Unpredictable bytes, for protocol::Random.
bool fill_random(void* context, std::span<std::byte> out) noexcept;
inline constexpr cpwebsockets::protocol::Random random{&fill_random, nullptr};
/// Seconds since 1970.
[[nodiscard]] std::uint32_t wall_clock() noexcept;

// The board itself.

[[nodiscard]] cpwebsockets::protocol::Time now() noexcept;
/// Counts processor cycles, or what the emulator has in their place.
[[nodiscard]] std::uint64_t cycles() noexcept;
/// Waits for the next interrupt, at most a millisecond; returns at once where there is none.
void idle() noexcept;

/// Most bytes of stack in use since the start.
[[nodiscard]] std::size_t stack_peak() noexcept;
[[nodiscard]] std::size_t stack_size() noexcept;
/// Bytes of static data.
[[nodiscard]] std::size_t static_size() noexcept;

}  // namespace board
