#error mbedTLS 4 has no public <mbedtls/hmac_drbg.h>
