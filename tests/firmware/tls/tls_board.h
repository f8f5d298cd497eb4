/* What mbedTLS asks of the board. */
#pragma once

#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif
void board_exit(int status);
time_t board_time(time_t* out);
#ifdef __cplusplus
}
#endif
