#pragma once
#include <stddef.h>
#include <stdint.h>
extern "C" int esp_netif_init(void);
