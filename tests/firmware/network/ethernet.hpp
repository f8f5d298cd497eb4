/// The board's Ethernet controller, polled.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace board {

using MacAddress = std::array<std::uint8_t, 6>;
inline constexpr MacAddress mac_address{0x02, 0x00, 0x00, 0x12, 0x34, 0x56};

void start_ethernet() noexcept;
/// Takes the next frame and returns its size; 0: there is none, or it was longer than `into` and is dropped.
[[nodiscard]] std::size_t receive_frame(std::span<std::uint8_t> into) noexcept;
void send_frame(std::span<const std::uint8_t> frame) noexcept;

}  // namespace board
