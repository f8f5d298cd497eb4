/* What mbedTLS asks of the board. */
#pragma once

#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif
void board_exit(int status);
/* Before start_tls_memory() there is none, and the C library's allocator is not linked. */
void* board_no_calloc(size_t count, size_t size);
void board_no_free(void* block);
time_t board_time(time_t* out);
#ifdef __cplusplus
}
#endif
