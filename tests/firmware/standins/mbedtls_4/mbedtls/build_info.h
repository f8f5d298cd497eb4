/* Makes mbedTLS 4 of the headers of 3.6, as far as the pipe sees it: the version, and what it took away. */
#pragma once
#include_next <mbedtls/build_info.h>
#undef MBEDTLS_VERSION_MAJOR
#define MBEDTLS_VERSION_MAJOR 4
