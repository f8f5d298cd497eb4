#include "cpwebsockets/transport/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <climits>
#include <new>

#include "system_sockets.hpp"
#include "tls_state.hpp"

namespace cpwebsockets::transport {
namespace {

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL; this one goes through the lower stream instead.

TlsStream& stream_of(BIO* bio) noexcept {
  return *static_cast<TlsStream*>(BIO_get_data(bio));
}

int finish_bio_call(BIO* bio, TlsStream& stream, const IoResult& result) noexcept {
  BIO_clear_retry_flags(bio);
  switch (result.status) {
    case IoStatus::ok:
      return static_cast<int>(result.size);
    case IoStatus::want_read:
      BIO_set_retry_read(bio);
      return -1;
    case IoStatus::want_write:
      BIO_set_retry_write(bio);
      return -1;
    case IoStatus::eof:
      return 0;
    case IoStatus::error:
      stream.note_lower_error(result.error);
      return -1;
  }
  return -1;
}

int bio_read(BIO* bio, char* data, int size) noexcept {
  TlsStream& stream = stream_of(bio);
  const IoResult result =
      stream.lower().read({reinterpret_cast<std::byte*>(data), static_cast<std::size_t>(size)});
  if (result.status == IoStatus::eof) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return finish_bio_call(bio, stream, result);
}

int bio_write(BIO* bio, const char* data, int size) noexcept {
  TlsStream& stream = stream_of(bio);
  return finish_bio_call(
      bio, stream,
      stream.lower().write({reinterpret_cast<const std::byte*>(data), static_cast<std::size_t>(size)}));
}

long bio_control(BIO* bio, int command, long, void*) noexcept {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int bio_create(BIO* bio) noexcept {
  BIO_set_init(bio, 1);
  return 1;
}

// Made once. An exception leaves it to be made by the next connection.
BIO_METHOD* stream_bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, &bio_read);
    BIO_meth_set_write(made, &bio_write);
    BIO_meth_set_ctrl(made, &bio_control);
    BIO_meth_set_create(made, &bio_create);
    return made;
  }();
  return method;
}

bool is_ip_address(const std::string& host) noexcept {
  std::array<unsigned char, sizeof(in6_addr)> address;
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

// As curl has it: a dot at the end, which makes a name absolute, is no part of a certificate's names.
std::string without_last_dot(const std::string& host) {
  return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

bool is_usable_name(const std::string& name) noexcept {
  return !name.empty() && name.size() <= TLSEXT_MAXLEN_host_name && name.find('\0') == std::string::npos;
}

bool set_peer_name(SSL* ssl, const std::string& host, bool verify) noexcept {
  if (is_ip_address(host)) {
    return !verify || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  if (SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) return false;
  // RFC 9525 §6.3: the subject's common name is no name of a server.
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return !verify || SSL_set1_host(ssl, host.c_str()) == 1;
}

}  // namespace

TlsStream::TlsStream(std::shared_ptr<TlsContext> context, std::unique_ptr<Stream> lower) noexcept
    : context_(std::move(context)), lower_(std::move(lower)) {}

TlsStream::~TlsStream() {
  SSL_free(ssl_);
}

std::unique_ptr<TlsStream> TlsStream::make(std::shared_ptr<TlsContext> context,
                                           std::unique_ptr<Stream> lower) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(context), std::move(lower)));
  stream->ssl_ = SSL_new(stream->context_->native());
  BIO* const bio = BIO_new(stream_bio_method());
  if (stream->ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    return nullptr;
  }
  BIO_set_data(bio, stream.get());
  SSL_set_bio(stream->ssl_, bio, bio);
  return stream;
}

std::unique_ptr<TlsStream> TlsStream::client(std::shared_ptr<TlsContext> context,
                                             std::unique_ptr<Stream> lower, const std::string& host,
                                             const std::string& peer, std::error_code& ec) {
  TlsContext::State& state = context->state();
  const std::string name = without_last_dot(host);
  if (!is_usable_name(name)) {
    ec = make_error_code(TlsError::name_unusable);
    return nullptr;
  }
  ERR_clear_error();
  std::unique_ptr<TlsStream> stream = make(std::move(context), std::move(lower));
  if (stream == nullptr || !set_peer_name(stream->ssl_, name, state.verifies) ||
      SSL_set_app_data(stream->ssl_, stream.get()) != 1) {
    ec = take_cause(make_error_code(TlsError::setup_failed));
    return nullptr;
  }
  stream->peer_ = peer;
  if (const TlsSessions::Session session = state.sessions.take(peer))
    SSL_set_session(stream->ssl_, session.get());
  // A record's header is not read alone: that would be two system calls for each record.
  SSL_set_read_ahead(stream->ssl_, 1);
  SSL_set_connect_state(stream->ssl_);
  return stream;
}

std::unique_ptr<TlsStream> TlsStream::server(std::shared_ptr<TlsContext> context,
                                             std::unique_ptr<Stream> lower, std::error_code& ec) {
  std::unique_ptr<TlsStream> stream = make(std::move(context), std::move(lower));
  if (stream == nullptr) {
    ec = make_error_code(TlsError::setup_failed);
    return nullptr;
  }
  stream->is_client_ = false;
  SSL_set_accept_state(stream->ssl_);
  return stream;
}

IoResult TlsStream::result_of(int status) noexcept {
  switch (SSL_get_error(ssl_, status)) {
    case SSL_ERROR_WANT_READ:
      return {IoStatus::want_read, 0, {}};
    case SSL_ERROR_WANT_WRITE:
      return {IoStatus::want_write, 0, {}};
    case SSL_ERROR_ZERO_RETURN:
      return {IoStatus::eof, 0, {}};
    case SSL_ERROR_SYSCALL:
      if (lower_error_) return {IoStatus::error, 0, lower_error_};
      return {IoStatus::eof, 0, {}};
    default:
      break;
  }
  if (lower_error_) return {IoStatus::error, 0, lower_error_};
  return {IoStatus::error, 0, failure()};
}

// The cause that OpenSSL has noted last.
std::error_code TlsStream::failure() noexcept {
  const unsigned long error = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(error);
  if (const std::error_code memory = take_cause({})) return memory;
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET &&
      reason < SSL_AD_REASON_OFFSET + 256) {
    return {reason - SSL_AD_REASON_OFFSET + first_tls_alert, tls_category()};
  }
  const char* const words = ERR_reason_error_string(error);
  detail_ = words != nullptr ? words : std::string_view{};
  return make_error_code(SSL_is_init_finished(ssl_) != 0 ? TlsError::broken_record : TlsError::protocol);
}

IoResult TlsStream::handshake() noexcept {
  ERR_clear_error();
  const int status = SSL_do_handshake(ssl_);
  if (status == 1) {
    const std::error_code pins = check_pins();
    return pins ? IoResult{IoStatus::error, 0, pins} : IoResult{};
  }
  IoResult result = result_of(status);
  if (is_client_ && result.status == IoStatus::error) {
    const long verdict = SSL_get_verify_result(ssl_);
    if (verdict == X509_V_ERR_OUT_OF_MEM) {
      result.error = std::make_error_code(std::errc::not_enough_memory);
    } else if (context_->state().verifies && verdict != X509_V_OK &&
               result.error != std::errc::not_enough_memory) {
      detail_ = {};
      result.error = {static_cast<int>(verdict), tls_category()};
    }
  }
  if (result.status == IoStatus::eof) return {IoStatus::error, 0, make_error_code(TlsError::ended)};
  return result;
}

std::error_code TlsStream::check_pins() noexcept {
  if (!is_client_ || context_->state().pins.empty()) return {};
  X509* const certificate = SSL_get0_peer_certificate(ssl_);
  unsigned char* der = nullptr;
  const int size = certificate != nullptr ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der) : -1;
  if (size <= 0) return make_error_code(TlsError::pin_mismatch);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  SHA256(der, static_cast<std::size_t>(size), hash.data());
  OPENSSL_free(der);
  const std::string_view text{reinterpret_cast<const char*>(hash.data()), hash.size()};
  const auto& pins = context_->state().pins;
  const bool known = std::find(pins.begin(), pins.end(), text) != pins.end();
  return known ? std::error_code{} : make_error_code(TlsError::pin_mismatch);
}

IoResult TlsStream::read(std::span<std::byte> into) noexcept {
  ERR_clear_error();
  const int status =
      SSL_read(ssl_, into.data(), static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX)));
  if (status > 0) return {IoStatus::ok, static_cast<std::size_t>(status), {}};
  return result_of(status);
}

IoResult TlsStream::write(std::span<const std::byte> bytes) noexcept {
  ERR_clear_error();
  const int status =
      SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
  if (status > 0) return {IoStatus::ok, static_cast<std::size_t>(status), {}};
  return result_of(status);
}

void TlsStream::shutdown_write() noexcept {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_) != 0) SSL_shutdown(ssl_);
  lower_->shutdown_write();
}

}  // namespace cpwebsockets::transport
