/// Unpredictable bytes from the operating system.
#pragma once

#include <cstddef>
#include <span>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::transport {

/// Fills `out` with bytes fit for keys. False if the system has none. Thread-safe. Each call is a system
/// call, of about a microsecond.
[[nodiscard]] bool system_random(std::span<std::byte> out) noexcept;

}  // namespace cpwebsockets::transport
