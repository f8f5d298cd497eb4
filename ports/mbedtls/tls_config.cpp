#include "cpwebsockets/mbedtls/tls_pipe.hpp"

// Where mbedTLS computes by PSA, which must be started first.
#if MBEDTLS_VERSION_MAJOR >= 4 || defined(MBEDTLS_SSL_PROTO_TLS1_3) || defined(MBEDTLS_USE_PSA_CRYPTO) || \
    defined(MBEDTLS_MD_SOME_PSA)
#define CPWEBSOCKETS_USES_PSA 1
#include <psa/crypto.h>
#endif

namespace cpwebsockets::mbedtls {
namespace {

int limit_records(mbedtls_ssl_config& config, std::uint16_t size) noexcept {
#ifdef MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
  unsigned char code = MBEDTLS_SSL_MAX_FRAG_LEN_INVALID;
  if (size == 512) code = MBEDTLS_SSL_MAX_FRAG_LEN_512;
  if (size == 1024) code = MBEDTLS_SSL_MAX_FRAG_LEN_1024;
  if (size == 2048) code = MBEDTLS_SSL_MAX_FRAG_LEN_2048;
  if (size == 4096) code = MBEDTLS_SSL_MAX_FRAG_LEN_4096;
  return mbedtls_ssl_conf_max_frag_len(&config, code);
#else
  static_cast<void>(config);
  static_cast<void>(size);
  return MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE;
#endif
}

constexpr std::byte der_sequence{0x30};

int parse_ca(mbedtls_x509_crt& chain, std::span<const std::byte> ca) noexcept {
  if (ca.empty()) return MBEDTLS_ERR_X509_BAD_INPUT_DATA;
  const auto* bytes = reinterpret_cast<const unsigned char*>(ca.data());
  if (ca.front() == der_sequence) return mbedtls_x509_crt_parse_der_nocopy(&chain, bytes, ca.size());
  return mbedtls_x509_crt_parse(&chain, bytes, ca.size());
}

}  // namespace

TlsConfig::TlsConfig() noexcept {
  init();
}

TlsConfig::~TlsConfig() {
  free();
}

void TlsConfig::init() noexcept {
  mbedtls_ssl_config_init(&config_);
  mbedtls_x509_crt_init(&ca_);
#if MBEDTLS_VERSION_MAJOR < 4
  mbedtls_ctr_drbg_init(&generator_);
#endif
}

void TlsConfig::free() noexcept {
  mbedtls_ssl_config_free(&config_);
  mbedtls_x509_crt_free(&ca_);
#if MBEDTLS_VERSION_MAJOR < 4
  mbedtls_ctr_drbg_free(&generator_);
#endif
}

#if MBEDTLS_VERSION_MAJOR < 4
int TlsConfig::seed(void* self, unsigned char* out, std::size_t size) noexcept {
  const protocol::Random& entropy = static_cast<TlsConfig*>(self)->entropy_;
  const bool filled = entropy.fill(entropy.context, {reinterpret_cast<std::byte*>(out), size});
  return filled ? 0 : MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
}
#endif

int TlsConfig::start_random(const protocol::Random& entropy) noexcept {
#if CPWEBSOCKETS_USES_PSA
  if (const psa_status_t status = psa_crypto_init(); status != PSA_SUCCESS) return static_cast<int>(status);
#endif
#if MBEDTLS_VERSION_MAJOR < 4
  entropy_ = entropy;
  if (entropy_.fill == nullptr) return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
  const int error = mbedtls_ctr_drbg_seed(&generator_, &seed, this, nullptr, 0);
  if (error == 0) mbedtls_ssl_conf_rng(&config_, &mbedtls_ctr_drbg_random, &generator_);
  return error;
#else
  static_cast<void>(entropy);
  return 0;
#endif
}

int TlsConfig::set_up(const TlsOptions& options) noexcept {
  free();  // what an attempt that failed has left
  init();
  if (const int error = start_random(options.entropy); error != 0) return error;
  if (const int error = parse_ca(ca_, options.ca); error != 0) return error;
  const int error = mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                                MBEDTLS_SSL_PRESET_DEFAULT);
  if (error != 0) return error;
  mbedtls_ssl_conf_ca_chain(&config_, &ca_, nullptr);
  mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
  return options.max_record_size == 0 ? 0 : limit_records(config_, options.max_record_size);
}

}  // namespace cpwebsockets::mbedtls
