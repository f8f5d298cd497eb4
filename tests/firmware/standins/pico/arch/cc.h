#pragma once
#include <stdlib.h>
#define LWIP_RAND() ((unsigned)rand())
#define LWIP_PLATFORM_DIAG(arguments)
#define LWIP_PLATFORM_ASSERT(what) abort()
