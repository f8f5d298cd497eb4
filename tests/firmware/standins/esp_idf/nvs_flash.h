#pragma once
#include <stddef.h>
#include <stdint.h>
extern "C" int nvs_flash_init(void);
