#pragma once
#include <stddef.h>
#include <stdint.h>
extern "C" void esp_fill_random(void* out, size_t size);
