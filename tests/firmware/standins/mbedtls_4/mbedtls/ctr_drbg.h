#error mbedTLS 4 has no public <mbedtls/ctr_drbg.h>
