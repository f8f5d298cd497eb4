// OpenCores' Ethernet controller. It moves frames by itself, from and to the buffers that its descriptors
// name: here one to send and a ring of a few to receive.
#include "ethernet.hpp"

#include <algorithm>

#include "../board/registers.hpp"

namespace board {
namespace {

constexpr std::uintptr_t base = 0xFD030000;
constexpr std::uintptr_t mode = base + 0x00;
constexpr std::uintptr_t number_to_send = base + 0x20;  // how many of the descriptors; the others receive
constexpr std::uintptr_t address_low = base + 0x40;
constexpr std::uintptr_t address_high = base + 0x44;
constexpr std::uintptr_t descriptors = base + 0x400;
constexpr std::uintptr_t buffers = 0xFD800000;  // the board's own memory for them

constexpr std::uint32_t is_last = 1U << 13;
constexpr std::uint32_t receiver_may_fill = 1U << 15;
constexpr std::uint32_t sender_may_take = 1U << 15;
constexpr std::size_t checksum_size = 4;
constexpr std::size_t buffer_size = 1536;
constexpr std::size_t ring_size = 8;
std::size_t next_to_receive;

// The frame's size is in the upper half; flags are in the lower.
volatile std::uint32_t& status(std::size_t index) noexcept {
  return reg(descriptors + 8 * index);
}

std::uintptr_t buffer(std::size_t index) noexcept {
  return buffers + buffer_size * index;
}

}  // namespace

void start_ethernet() noexcept {
  const MacAddress& mac = mac_address;
  reg(number_to_send) = 1;
  reg(address_high) = static_cast<std::uint32_t>(mac[0] << 8 | mac[1]);
  reg(address_low) =
      std::uint32_t{mac[2]} << 24 | static_cast<std::uint32_t>(mac[3] << 16 | mac[4] << 8 | mac[5]);
  for (std::size_t i = 0; i <= ring_size; ++i) reg(descriptors + 8 * i + 4) = buffer(i);
  for (std::size_t i = 1; i <= ring_size; ++i) status(i) = receiver_may_fill | (i == ring_size ? is_last : 0);
  constexpr std::uint32_t pads_and_adds_checksum = 0xA000;
  reg(mode) = pads_and_adds_checksum | 0x3;  // both directions on
}

std::size_t receive_frame(std::span<std::uint8_t> into) noexcept {
  const std::size_t index = 1 + next_to_receive;
  const std::uint32_t found = status(index);
  if ((found & receiver_may_fill) != 0) return 0;
  const std::size_t size = (found >> 16) - checksum_size;
  const auto* bytes =
      reinterpret_cast<const volatile std::uint8_t*>(buffer(index));  // NOLINT(performance-no-int-to-ptr)
  std::copy_n(bytes, std::min(size, into.size()), into.begin());
  status(index) = receiver_may_fill | (found & is_last);
  next_to_receive = (next_to_receive + 1) % ring_size;
  return size <= into.size() ? size : 0;
}

void send_frame(std::span<const std::uint8_t> frame) noexcept {
  while ((status(0) & sender_may_take) != 0) {
  }
  std::copy(frame.begin(), frame.end(),
            reinterpret_cast<volatile std::uint8_t*>(buffer(0)));  // NOLINT(performance-no-int-to-ptr)
  status(0) = static_cast<std::uint32_t>(frame.size()) << 16 | sender_may_take | is_last;
}

}  // namespace board
