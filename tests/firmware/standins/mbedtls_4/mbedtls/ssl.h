#pragma once
#include_next <mbedtls/ssl.h>
#pragma GCC poison mbedtls_ssl_conf_rng
#pragma GCC poison mbedtls_ssl_conf_curves
#pragma GCC poison mbedtls_ssl_conf_dh_param_bin
#pragma GCC poison mbedtls_ctr_drbg_init
#pragma GCC poison mbedtls_ctr_drbg_seed
#pragma GCC poison mbedtls_ctr_drbg_random
#pragma GCC poison mbedtls_entropy_init
#pragma GCC poison mbedtls_entropy_func
