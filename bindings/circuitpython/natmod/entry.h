/// What a native .mpy does when it is imported.
#pragma once

#include "runtime.h"

/// Fills in what module.c has in ROM, and names it in the module.
void cpws_define_module(void);
