#pragma once

#include <cstdint>

namespace board {

/// A peripheral's register.
inline volatile std::uint32_t& reg(std::uintptr_t address) noexcept {
  return *reinterpret_cast<volatile std::uint32_t*>(address);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace board
