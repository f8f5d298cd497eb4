#pragma once
#include <stddef.h>
#include <stdint.h>
extern "C" int64_t esp_timer_get_time(void);
