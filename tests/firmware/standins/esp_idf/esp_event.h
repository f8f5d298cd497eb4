#pragma once
#include <stddef.h>
#include <stdint.h>
extern "C" int esp_event_loop_create_default(void);
