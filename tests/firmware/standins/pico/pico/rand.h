#pragma once
#include <stdint.h>
extern "C" uint64_t get_rand_64(void);
