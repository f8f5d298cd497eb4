// The clock that MicroPython's QEMU port does not have, for files that ask for one: the 100 Hz counter of the
// emulated MPS2 board. Included on the compiler's command line.
#include <stdint.h>

#define mp_hal_ticks_ms() (*(volatile uint32_t*)0x40028014 * 10u)
#define mp_hal_delay_ms(ms) ((void)(ms))
