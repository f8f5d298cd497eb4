#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>

#include "cpwebsockets/transport/tls.hpp"
#include "files.hpp"
#include "system_cas.hpp"
#include "tls_state.hpp"

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

// All certificates in it, of which there must be one at least: a part that cannot be read is not passed over.
bool add_cas(SSL_CTX* context, BIO* pem) {
  const std::unique_ptr<BIO, BioFree> bio(pem);
  if (bio == nullptr) return false;
  bool any = false;
  while (X509* const read = PEM_read_bio_X509_AUX(bio.get(), nullptr, &no_passphrase, nullptr)) {
    const std::unique_ptr<X509, CertificateFree> certificate(read);
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get()) != 1) return false;
    any = true;
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (at_end) ERR_clear_error();
  return any && at_end;
}

bool load_cas(SSL_CTX* context, const TlsOptions& options, std::string& about) {
  if (options.ca_file.empty() && options.ca_pem.empty()) return add_system_cas(context);
  about = options.ca_file;
  if (!options.ca_file.empty() && !add_cas(context, BIO_new_file(options.ca_file.c_str(), "r"))) return false;
  about = "ca_pem";
  return options.ca_pem.empty() ||
         add_cas(context, BIO_new_mem_buf(options.ca_pem.data(), static_cast<int>(options.ca_pem.size())));
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
  // A stream that ends without close_notify is an end of file: the closing handshake tells a clean end from a
  // cut.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  return context;
}

}  // namespace

std::error_code take_cause(std::error_code otherwise) noexcept {
  while (const unsigned long error = ERR_get_error()) {
    if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE)
      otherwise = std::make_error_code(std::errc::not_enough_memory);
  }
  return otherwise;
}

TlsContext::TlsContext() : state_(std::make_unique<State>()) {}
TlsContext::~TlsContext() = default;

SSL_CTX* TlsContext::native() const noexcept {
  return state_->native.get();
}

namespace {

// A session that the server gives out after the handshake. 1: it is ours now.
int keep_session(SSL* ssl, SSL_SESSION* session) noexcept try {
  auto& state = *static_cast<TlsContext::State*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const auto& stream = *static_cast<const TlsStream*>(SSL_get_app_data(ssl));
  if (SSL_SESSION_is_resumable(session) != 1) return 0;
  TlsSessions::Session kept(session);
  SSL_SESSION_up_ref(session);  // for as long as keep() may throw
  state.sessions.keep(stream.peer(), std::move(kept));
  SSL_SESSION_free(session);
  return 1;
} catch (const std::bad_alloc&) {
  return 0;
}

void log_key(const SSL* ssl, const char* line) noexcept {
  const auto& state = *static_cast<TlsContext::State*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  std::fprintf(state.key_log.get(), "%s\n", line);
  std::fflush(state.key_log.get());
}

// One after the other, each behind its length.
bool set_alpn(SSL_CTX* context, const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) return false;
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  return list.empty() || SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(list.data()),
                                                 static_cast<unsigned>(list.size())) == 0;
}

}  // namespace

std::shared_ptr<TlsContext> TlsContext::client(const TlsOptions& options, std::error_code& ec,
                                               std::string* about) {
  std::shared_ptr<TlsContext> context(new TlsContext);
  State& state = *context->state_;
  state.native.reset(new_context(TLS_client_method()));
  SSL_CTX* const native = context->native();
  std::string what;
  const auto fail = [&](TlsError error, const std::string& name = {}) {
    ec = take_cause(make_error_code(error));
    if (about != nullptr) *about = name;
    return nullptr;
  };
  if (native == nullptr || SSL_CTX_set_app_data(native, &state) != 1) return fail(TlsError::setup_failed);
  if (options.minimum_version == TlsVersion::tls_1_3) SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);

  state.verifies = !options.insecure_skip_verification;
  SSL_CTX_set_verify(native, state.verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(native), X509_V_FLAG_PARTIAL_CHAIN);
  if (state.verifies && !load_cas(native, options, what)) return fail(TlsError::ca_unusable, what);
  if (!options.certificate_file.empty() || !options.key_file.empty()) {
    if (!load_certificate(native, options.certificate_file, options.key_file))
      return fail(TlsError::certificate_unusable, options.certificate_file);
  }
  for (const std::string& pin : options.pinned_spki_sha256) {
    state.pins.push_back(decode_pin(pin));
    if (state.pins.back().empty()) return fail(TlsError::pin_unusable, pin);
  }
  if (!set_alpn(native, options.alpn)) return fail(TlsError::alpn_unusable);
  SSL_CTX_set_session_cache_mode(native, options.resume_sessions
                                             ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
                                             : SSL_SESS_CACHE_OFF);
  if (options.resume_sessions) SSL_CTX_sess_set_new_cb(native, &keep_session);
  if (!options.key_log_file.empty()) {
    state.key_log.reset(open_private_log(options.key_log_file));
    if (state.key_log == nullptr) return fail(TlsError::key_log_unusable, options.key_log_file);
    SSL_CTX_set_keylog_callback(native, &log_key);
  }
  ERR_clear_error();
  return context;
}

std::shared_ptr<TlsContext> TlsContext::server(const std::string& certificate_file,
                                               const std::string& key_file, std::error_code& ec) {
  std::shared_ptr<TlsContext> context(new TlsContext);
  context->state_->native.reset(new_context(TLS_server_method()));
  if (context->native() == nullptr) {
    ec = take_cause(make_error_code(TlsError::setup_failed));
    return nullptr;
  }
  if (!load_certificate(context->native(), certificate_file, key_file))
    ec = make_error_code(TlsError::certificate_unusable);
  ERR_clear_error();
  return ec ? nullptr : context;
}

}  // namespace cpwebsockets::transport
