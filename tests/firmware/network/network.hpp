/// lwIP on the board's Ethernet.
#pragma once

#include <chrono>

namespace board {

/// Starts lwIP and waits for an address by DHCP. False: none came in time.
[[nodiscard]] bool start_network(std::chrono::milliseconds timeout) noexcept;
/// Takes at most one frame and runs lwIP's timers; idles when there is none.
void poll_network() noexcept;

}  // namespace board
