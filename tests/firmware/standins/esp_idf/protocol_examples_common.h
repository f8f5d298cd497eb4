#pragma once
#include <stddef.h>
#include <stdint.h>
extern "C" int example_connect(void);
