#pragma once
#include <stdint.h>
extern "C" void vTaskDelay(uint32_t ticks);
