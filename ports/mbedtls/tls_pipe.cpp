#include "cpwebsockets/mbedtls/tls_pipe.hpp"

#include <array>
#include <cstring>

namespace cpwebsockets::mbedtls {

using device::PipeError;
using device::PipeState;
using protocol::Step;

namespace {

device::Pipe& pipe_of(void* context) noexcept {
  return *static_cast<device::Pipe*>(context);
}

// How mbedTLS reaches the pipe below.
int send_below(void* context, const unsigned char* bytes, std::size_t size) noexcept {
  const std::size_t taken = pipe_of(context).write({reinterpret_cast<const std::byte*>(bytes), size});
  if (taken == device::Pipe::gone) return MBEDTLS_ERR_SSL_CONN_EOF;
  return taken > 0 ? static_cast<int>(taken) : MBEDTLS_ERR_SSL_WANT_WRITE;
}

int receive_below(void* context, unsigned char* into, std::size_t size) noexcept {
  const std::size_t got = pipe_of(context).read({reinterpret_cast<std::byte*>(into), size});
  if (got > 0) return static_cast<int>(got);
  return pipe_of(context).poll() == PipeState::open ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
}

bool waits(int result) noexcept {
  return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

// What a certificate that was not accepted is reproached with, the gravest first.
PipeError certificate_error(std::uint32_t flags) noexcept {
  if ((flags & (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE)) != 0 &&
      (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) == 0) {
    return PipeError::certificate_expired;
  }
  const bool only_the_name = (flags & ~std::uint32_t{MBEDTLS_X509_BADCERT_CN_MISMATCH}) == 0;
  return only_the_name ? PipeError::certificate_name_mismatch : PipeError::certificate_untrusted;
}

}  // namespace

TlsPipe::TlsPipe(device::Pipe& under, const mbedtls_ssl_config& config) noexcept
    : under_(under), config_(config) {
  mbedtls_ssl_init(&context_);
}

TlsPipe::~TlsPipe() {
  mbedtls_ssl_free(&context_);
}

// --- Opening ---

void TlsPipe::open(const device::Destination& to) noexcept {
  free_context();  // of a connection that ended or failed
  to_ = to;
  state_ = State::opening_under;
  under_.open(to);
}

PipeState TlsPipe::poll() noexcept {
  if (state_ == State::opening_under) {
    const PipeState below = under_.poll();
    failure_ = under_.failure();
    if (below == PipeState::opening || below == PipeState::working) return below;
    if (below == PipeState::open) {
      start_handshake();
    } else {
      state_ = State::failed;
    }
  }
  if (state_ == State::handshaking) return handshake();
  if (state_ == State::open) return PipeState::open;
  return state_ == State::failed ? PipeState::failed : PipeState::ended;
}

void TlsPipe::start_handshake() noexcept {
  // mbedTLS wants a NUL behind the name, and takes a copy.
  std::array<char, 256> name;
  if (to_.host.size() >= name.size()) return fail(PipeError::tls_setup, MBEDTLS_ERR_SSL_BAD_INPUT_DATA);
  std::memcpy(name.data(), to_.host.data(), to_.host.size());
  name[to_.host.size()] = '\0';

  write_begun_ = 0;
  int result = mbedtls_ssl_setup(&context_, &config_);
  if (result == 0) result = mbedtls_ssl_set_hostname(&context_, name.data());
  if (result != 0) return fail(PipeError::tls_setup, result);
  mbedtls_ssl_set_bio(&context_, &under_, &send_below, &receive_below, nullptr);
  failure_ = {Step::tls, PipeError::tls_handshake, 0};
  state_ = State::handshaking;
}

PipeState TlsPipe::handshake() noexcept {
  const int result = mbedtls_ssl_handshake_step(&context_);
  if (waits(result)) return PipeState::opening;
#ifdef MBEDTLS_ECP_RESTARTABLE
  if (result == MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS) return PipeState::working;
#endif
  if (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
    fail(certificate_error(mbedtls_ssl_get_verify_result(&context_)), result);
  } else if (result != 0) {
    fail(PipeError::tls_handshake, result);
  }
  if (result != 0) return PipeState::failed;
#if MBEDTLS_VERSION_MAJOR >= 3
  const bool is_over = mbedtls_ssl_is_handshake_over(&context_) != 0;
#else
  const bool is_over = context_.state == MBEDTLS_SSL_HANDSHAKE_OVER;
#endif
  if (is_over) state_ = State::open;
  return is_over ? PipeState::open : PipeState::working;
}

// --- Bytes ---

// What a result of mbedTLS that moved no bytes means for the pipe.
void TlsPipe::note(int result) noexcept {
  if (waits(result)) return;
#ifdef MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
  if (result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) return;  // not used
#endif
  if (result == MBEDTLS_ERR_SSL_CONN_EOF && under_.poll() == PipeState::failed) {
    failure_ = under_.failure();
    state_ = State::failed;
  } else if (result == 0 || result == MBEDTLS_ERR_SSL_CONN_EOF ||
             result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
    state_ = State::ended;  // WebSocket has an end of its own: a missing close_notify hides nothing
  } else {
    fail(PipeError::connection_lost, result);
  }
}

std::size_t TlsPipe::read(std::span<std::byte> into) noexcept {
  if (state_ != State::open || into.empty()) return 0;
  const int result = mbedtls_ssl_read(&context_, reinterpret_cast<unsigned char*>(into.data()), into.size());
  if (result > 0) return static_cast<std::size_t>(result);
  note(result);
  return 0;
}

std::size_t TlsPipe::write(std::span<const std::byte> bytes) noexcept {
  if (state_ != State::open) return gone;
  if (bytes.empty()) return 0;
  const std::size_t size = write_begun_ > 0 ? write_begun_ : bytes.size();
  const int result = mbedtls_ssl_write(&context_, reinterpret_cast<const unsigned char*>(bytes.data()), size);
  write_begun_ = result == MBEDTLS_ERR_SSL_WANT_WRITE ? size : 0;
  if (result > 0) return static_cast<std::size_t>(result);
  if (result == MBEDTLS_ERR_SSL_CONN_EOF) return gone;  // of the pipe below; what has come can still be read
  note(result);
  return state_ == State::open ? 0 : gone;
}

// --- Ending ---

void TlsPipe::close() noexcept {
  if (state_ == State::open) static_cast<void>(mbedtls_ssl_close_notify(&context_));
  free_context();
  under_.close();
  state_ = State::closed;
}

void TlsPipe::free_context() noexcept {
  mbedtls_ssl_free(&context_);
  mbedtls_ssl_init(&context_);
}

void TlsPipe::fail(PipeError error, int native) noexcept {
  failure_ = {Step::tls, error, native};
  state_ = State::failed;
}

}  // namespace cpwebsockets::mbedtls
