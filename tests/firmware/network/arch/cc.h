/* What lwIP asks of the compiler and the board. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif
unsigned int board_random_word(void);
void board_assertion_failed(const char* what);
#ifdef __cplusplus
}
#endif

#define LWIP_RAND() board_random_word()
#define LWIP_PLATFORM_DIAG(arguments)
#define LWIP_PLATFORM_ASSERT(what) board_assertion_failed(what)
