// The LM3S6965's Ethernet controller: frames go through a data register, four bytes at a time, behind (when
// received) or under (when sent) a length of two bytes.
#include "ethernet.hpp"

#include "../board/registers.hpp"

namespace board {
namespace {

constexpr std::uintptr_t clock_gating = 0x400FE108;
constexpr std::uintptr_t base = 0x40048000;
constexpr std::uintptr_t interrupt_status = base + 0x00;
constexpr std::uintptr_t interrupt_mask = base + 0x04;
constexpr std::uintptr_t receive_control = base + 0x08;
constexpr std::uintptr_t send_control = base + 0x0C;
constexpr std::uintptr_t data = base + 0x10;
constexpr std::uintptr_t address_low = base + 0x14;
constexpr std::uintptr_t address_high = base + 0x18;
constexpr std::uintptr_t frames_waiting = base + 0x34;
constexpr std::uintptr_t send_request = base + 0x38;

constexpr std::size_t length_size = 2;
constexpr std::size_t checksum_size = 4;
constexpr std::size_t header_size = 14;  // not counted by the length that is sent

}  // namespace

void start_ethernet() noexcept {
  reg(clock_gating) = 0x50000000;
  const MacAddress& mac = mac_address;
  reg(address_low) = mac[0] | mac[1] << 8 | mac[2] << 16 | std::uint32_t{mac[3]} << 24;
  reg(address_high) = static_cast<std::uint32_t>(mac[4] | mac[5] << 8);
  reg(interrupt_mask) = 0;
  reg(interrupt_status) = 0x7F;
  reg(send_control) = 0x17;     // full duplex, checksum, padding, on
  reg(receive_control) = 0x11;  // a fresh FIFO, on
}

std::size_t receive_frame(std::span<std::uint8_t> into) noexcept {
  if ((reg(frames_waiting) & 0x3F) == 0) return 0;
  std::uint32_t word = reg(data);
  const std::size_t total = word & 0xFFFF;
  const std::size_t size = total - length_size - checksum_size;
  for (std::size_t at = length_size; at < total; ++at) {
    if (at % 4 == 0) word = reg(data);
    const std::size_t in_frame = at - length_size;
    if (in_frame < size && in_frame < into.size())
      into[in_frame] = static_cast<std::uint8_t>(word >> 8 * (at % 4));
  }
  return size <= into.size() ? size : 0;
}

void send_frame(std::span<const std::uint8_t> frame) noexcept {
  while ((reg(send_request) & 1) != 0) {
  }
  auto word = static_cast<std::uint32_t>(frame.size() - header_size);
  for (std::size_t at = length_size; at < length_size + frame.size(); ++at) {
    if (at % 4 == 0) word = 0;
    word |= std::uint32_t{frame[at - length_size]} << 8 * (at % 4);
    if (at % 4 == 3 || at + 1 == length_size + frame.size()) reg(data) = word;
  }
  reg(send_request) = 1;
}

}  // namespace board
