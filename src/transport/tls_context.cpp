#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>

#include "cpwebsockets/transport/tls.hpp"

namespace cpwebsockets::transport {
namespace {

struct BioFree {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct CertificateFree {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

// A key with a passphrase must fail, not ask at the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

bool add_ca_pem(SSL_CTX* context, const std::string& pem) {
  const std::unique_ptr<BIO, BioFree> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return false;
  bool any = false;
  while (X509* const read = PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase, nullptr)) {
    const std::unique_ptr<X509, CertificateFree> certificate(read);
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get()) != 1) return false;
    any = true;
  }
  return any;
}

bool load_cas(SSL_CTX* context, const TlsOptions& options) {
  if (options.ca_file.empty() && options.ca_pem.empty())
    return SSL_CTX_set_default_verify_paths(context) == 1;
  if (!options.ca_file.empty() && SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1)
    return false;
  return options.ca_pem.empty() || add_ca_pem(context, options.ca_pem);
}

bool load_certificate(SSL_CTX* context, const std::string& certificate_file, const std::string& key_file) {
  return SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) == 1 &&
         SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) == 1 &&
         SSL_CTX_check_private_key(context) == 1;
}

// The 32 raw bytes of a base64 SHA-256 hash, or nothing.
std::string decode_pin(const std::string& pin) {
  std::array<unsigned char, 33> raw{};
  if (pin.size() != 44) return {};
  const int size = EVP_DecodeBlock(raw.data(), reinterpret_cast<const unsigned char*>(pin.data()), 44);
  if (size != 33 || pin.back() != '=' || pin[42] == '=') return {};  // 32 bytes and one of padding
  return {reinterpret_cast<const char*>(raw.data()), 32};
}

SSL_CTX* new_context(const SSL_METHOD* method) {
  ERR_clear_error();
  SSL_CTX* const context = SSL_CTX_new(method);
  if (context == nullptr) return nullptr;
  SSL_CTX_set_default_passwd_cb(context, &no_passphrase);
  // The send buffer may move or grow between two tries of the same write.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // A stream that ends without close_notify is an end of file:
  // the closing handshake tells a clean end from a cut.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  return context;
}

}  // namespace

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

std::shared_ptr<TlsContext> TlsContext::client(const TlsOptions& options, std::error_code& ec) {
  SSL_CTX* const native = new_context(TLS_client_method());
  if (native == nullptr) {
    ec = make_error_code(TlsError::setup_failed);
    return nullptr;
  }
  std::shared_ptr<TlsContext> context(new TlsContext(native));
  if (options.minimum_version == TlsVersion::tls_1_3) SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);

  context->verifies_ = !options.insecure_skip_verification;
  SSL_CTX_set_verify(native, context->verifies_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (context->verifies_ && !load_cas(native, options)) ec = make_error_code(TlsError::ca_unusable);
  if (!options.certificate_file.empty() || !options.key_file.empty()) {
    if (!load_certificate(native, options.certificate_file, options.key_file)) {
      ec = make_error_code(TlsError::certificate_unusable);
    }
  }
  for (const std::string& pin : options.pinned_spki_sha256) {
    context->pins_.push_back(decode_pin(pin));
    if (context->pins_.back().empty()) ec = make_error_code(TlsError::pin_unusable);
  }
  ERR_clear_error();
  return ec ? nullptr : context;
}

std::shared_ptr<TlsContext> TlsContext::server(const std::string& certificate_file,
                                               const std::string& key_file, std::error_code& ec) {
  SSL_CTX* const native = new_context(TLS_server_method());
  if (native == nullptr) {
    ec = make_error_code(TlsError::setup_failed);
    return nullptr;
  }
  std::shared_ptr<TlsContext> context(new TlsContext(native));
  if (!load_certificate(native, certificate_file, key_file))
    ec = make_error_code(TlsError::certificate_unusable);
  ERR_clear_error();
  return ec ? nullptr : context;
}

}  // namespace cpwebsockets::transport
