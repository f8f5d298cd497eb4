// PlatformIO compiles the same files for every board: this pipe only where the framework has mbedTLS with its
// client.
#if __has_include(<mbedtls/ssl.h>)
#include <mbedtls/ssl.h>
#if defined(MBEDTLS_SSL_CLI_C)
#include "../../ports/mbedtls/tls_pipe.cpp"
#endif
#endif
