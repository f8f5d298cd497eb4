#pragma once

#include <stdio.h>
#include <stdlib.h>

#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(what) (fprintf(stderr, "lwIP: %s\n", what), abort())
#define LWIP_RAND() ((unsigned)rand())
