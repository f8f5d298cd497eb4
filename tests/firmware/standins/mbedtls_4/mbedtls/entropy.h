#error mbedTLS 4 has no public <mbedtls/entropy.h>
