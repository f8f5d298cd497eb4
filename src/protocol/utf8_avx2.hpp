/// The vector loop of the UTF-8 check: 32 bytes at a time where the CPU has AVX2.
#pragma once

#include <cstddef>
#include <span>

#include "cpu.hpp"

namespace cpwebsockets::protocol::avx2 {

/// Shorter pieces are faster in the scalar loop.
inline constexpr std::size_t utf8_threshold = 64;

/// True when the whole of `text` is valid UTF-8, whatever its length.
bool is_valid(std::span<const std::byte> text) noexcept;

/// Length of a prefix of `text` that is valid UTF-8 and ends between two code points. It stops at the last
/// whole block, or near the first malformed one: the scalar check continues from there and finds the exact
/// byte.
std::size_t valid_prefix(std::span<const std::byte> text) noexcept;

}  // namespace cpwebsockets::protocol::avx2
