/// Masking of payload (RFC 6455 §5.3).
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::protocol {

/// The 32-bit value a client XORs its payload with, in wire order.
using MaskingKey = std::array<std::byte, 4>;

/// XORs `source` with `key` into `destination` in one pass; the same operation masks and unmasks.
///
/// `destination` holds at least source.size() bytes; it is either the same memory as `source` (in place) or
/// does not overlap it. `offset` is the position of source[0] within the frame's payload: any split of a
/// payload gives the same result. Uses AVX2 if the CPU has it, and makes no unaligned access on CPUs that
/// cannot.
void mask(std::span<const std::byte> source, std::byte* destination, MaskingKey key,
          std::size_t offset = 0) noexcept;

}  // namespace cpwebsockets::protocol
