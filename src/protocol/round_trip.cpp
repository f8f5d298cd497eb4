#include "cpwebsockets/protocol/round_trip.hpp"

namespace cpwebsockets::protocol {
namespace {

std::uint32_t tag_of(std::span<const std::byte> payload) noexcept {
  std::uint32_t hash = 2166136261U;  // FNV-1a: tells our latest ping's payload from others, no more
  for (const std::byte byte : payload) hash = (hash ^ std::to_integer<std::uint32_t>(byte)) * 16777619U;
  return hash;
}

}  // namespace

void RoundTrip::begin(std::span<const std::byte> payload, Time now) noexcept {
  is_outstanding_ = true;
  size_ = static_cast<std::uint8_t>(payload.size());
  tag_ = tag_of(payload);
  begun_ = now;
}

bool RoundTrip::end(std::span<const std::byte> payload, Time now) noexcept {
  if (!is_outstanding_ || payload.size() != size_ || tag_of(payload) != tag_) return false;
  is_outstanding_ = false;
  duration_ = now - begun_;
  return true;
}

}  // namespace cpwebsockets::protocol
