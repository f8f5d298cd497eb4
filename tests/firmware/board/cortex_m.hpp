/// What each Cortex-M board adds to the common start (cortex_m.cpp).
#pragma once

namespace board {

/// Makes every access outside of flash, RAM and peripherals a fault, as far as the chip can.
void protect_memory() noexcept;
void start_clock() noexcept;
/// The SysTick interrupt.
void on_tick() noexcept;

}  // namespace board
