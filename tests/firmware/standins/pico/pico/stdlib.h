#pragma once
#include <stdint.h>
extern "C" {
typedef uint64_t absolute_time_t;
absolute_time_t get_absolute_time(void);
uint64_t to_us_since_boot(absolute_time_t time);
bool stdio_init_all(void);
void sleep_ms(uint32_t ms);
}
