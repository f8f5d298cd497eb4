/// What firmware for the ESP32, S2 and S3 has: setjmp() itself comes from MicroPython's table. A native .mpy
/// is compiled with no C library of theirs.
#pragma once

typedef long jmp_buf[17];
