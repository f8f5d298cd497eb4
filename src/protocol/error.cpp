#include "cpwebsockets/protocol/error.hpp"

#include <array>

namespace cpwebsockets::protocol {

std::string_view name(Step step) noexcept {
  switch (step) {
    case Step::none:
      return "none";
    case Step::url:
      return "URL";
    case Step::resolve:
      return "resolve";
    case Step::connect:
      return "connect";
    case Step::tls:
      return "TLS";
    case Step::handshake:
      return "handshake";
    case Step::frame:
      return "frame";
    case Step::close:
      return "close";
  }
  return "unknown";
}

namespace {

constexpr std::string_view words_of(Error error) noexcept {
  switch (error) {
    case Error::none:
      return "no error";
    case Error::receive_buffer_too_small:
      return "the receive buffer is smaller than 256 bytes";
    case Error::request_too_large:
      return "the handshake does not fit the send buffer";
    case Error::invalid_header_name:
      return "a header name is not an HTTP token";
    case Error::invalid_header_value:
      return "a header value contains CR, LF, NUL or another control character";
    case Error::reserved_header:
      return "the header is written by the handshake itself and cannot be set";
    case Error::invalid_subprotocol:
      return "a subprotocol is not an HTTP token or is listed twice";
    case Error::invalid_request_target:
      return "the request target must start with '/' and hold no blanks";
    case Error::invalid_host:
      return "the Host value is empty or holds an illegal character";
    case Error::entropy_failure:
      return "the source of randomness failed";
    case Error::extension_unusable:
      return "permessage-deflate: an option is out of range or the arena is too small";
    case Error::wrong_state:
      return "the connection is not in a state for this command";
    case Error::url_scheme:
      return "the URL must start with ws:// or wss://";
    case Error::url_host:
      return "the URL's host is missing or malformed";
    case Error::url_port:
      return "the URL's port is not a number from 1 to 65535";
    case Error::url_path:
      return "the URL's path or query holds a character that must be percent-encoded";
    case Error::url_userinfo:
      return "the URL's user information is malformed";
    case Error::url_fragment:
      return "a WebSocket URL has no fragment: write %23 for '#'";
    case Error::url_needs_tls:
      return "a wss:// URL needs TLS below, and a ws:// URL none";
    case Error::handshake_timeout:
      return "the opening handshake took too long";
    case Error::connection_lost_in_handshake:
      return "the connection ended during the opening handshake";
    case Error::header_too_large:
      return "the peer's handshake header is larger than the limit";
    case Error::not_http:
      return "the peer does not answer in HTTP/1.1";
    case Error::malformed_header:
      return "the peer's handshake header is malformed";
    case Error::handshake_refused:
      return "the server refused the handshake (expected HTTP 101)";
    case Error::upgrade_missing:
      return "the header 'Upgrade: websocket' is missing or wrong";
    case Error::connection_missing:
      return "the header 'Connection: Upgrade' is missing or wrong";
    case Error::accept_missing:
      return "the header Sec-WebSocket-Accept is missing or repeated";
    case Error::accept_mismatch:
      return "Sec-WebSocket-Accept does not match the key";
    case Error::subprotocol_not_offered:
      return "the server chose a subprotocol that was not offered";
    case Error::extension_not_offered:
      return "the server chose an extension that was not offered";
    case Error::extension_parameter_unknown:
      return "permessage-deflate was answered with a parameter that it does not have";
    case Error::server_no_context_takeover:
      return "permessage-deflate was answered with a server_no_context_takeover that is repeated or has a "
             "value";
    case Error::client_no_context_takeover:
      return "permessage-deflate was answered with a client_no_context_takeover that is repeated or has a "
             "value";
    case Error::server_max_window_bits:
      return "permessage-deflate was answered with a server_max_window_bits that is malformed, repeated, or "
             "missing or larger where a smaller window was asked for";
    case Error::client_max_window_bits:
      return "permessage-deflate was answered with a client_max_window_bits that is malformed, repeated, or "
             "larger than was offered";
    case Error::request_not_get:
      return "the client's request is not GET over HTTP/1.1";
    case Error::host_missing:
      return "the client's request has no Host header, or several";
    case Error::key_invalid:
      return "the client's Sec-WebSocket-Key is not 16 bytes in base64";
    case Error::version_unsupported:
      return "the client's Sec-WebSocket-Version is not 13";
    case Error::reserved_bits:
      return "a reserved bit is set that no extension uses";
    case Error::unknown_opcode:
      return "the opcode is reserved";
    case Error::masked_frame:
      return "the server sent a masked frame";
    case Error::unmasked_frame:
      return "the client sent an unmasked frame";
    case Error::length_not_canonical:
      return "the payload length is not in its shortest form";
    case Error::length_overflow:
      return "the top bit of the payload length is set";
    case Error::control_frame_fragmented:
      return "a control frame is fragmented";
    case Error::control_frame_too_long:
      return "a control frame is longer than 125 bytes";
    case Error::unexpected_continuation:
      return "a continuation frame without a message to continue";
    case Error::unfinished_message:
      return "a new message started inside a fragmented message";
    case Error::invalid_utf8:
      return "text is not valid UTF-8";
    case Error::frame_too_big:
      return "a frame is larger than the limit";
    case Error::message_too_big:
      return "a message is larger than the limit";
    case Error::invalid_deflate_data:
      return "compressed data is malformed";
    case Error::close_payload_length:
      return "a close frame with a payload of one byte";
    case Error::close_code_invalid:
      return "a close code that must not be sent";
    case Error::close_timeout:
      return "the peer did not finish the closing handshake in time";
    case Error::keepalive_timeout:
      return "the peer went silent: no byte came after a ping";
    case Error::keepalive_without_ping:
      return "the peer went silent, and took so little that there was no room for a ping";
    case Error::connection_lost:
      return "the connection ended without a close frame";
    case Error::stream_not_opened:
      return "the byte stream to the server could not be opened";
  }
  return {};
}

constexpr Error last = Error::stream_not_opened;

// What is never said in this build. CPWEBSOCKETS_PYTHON_MODULE: there are no server's role, no extension, no
// pipe, and no mistakes of who calls the core; and a refusal is told in other words.
constexpr bool is_silent([[maybe_unused]] Error error) noexcept {
#ifdef CPWEBSOCKETS_PYTHON_MODULE
  switch (error) {
    case Error::none:
    case Error::receive_buffer_too_small:
    case Error::invalid_request_target:
    case Error::invalid_host:
    case Error::entropy_failure:
    case Error::extension_unusable:
    case Error::wrong_state:
    case Error::url_needs_tls:
    case Error::handshake_refused:
    case Error::frame_too_big:
    case Error::invalid_deflate_data:
    case Error::stream_not_opened:
      return true;
    default:
      return error >= Error::extension_parameter_unknown && error <= Error::version_unsupported;
  }
#else
  return false;
#endif
}

consteval std::size_t size_of_sentences() {
  std::size_t size = 0;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
    const auto error = static_cast<Error>(i);
    size += (is_silent(error) ? 0 : words_of(error).size()) + 1;
  }
  return size;
}

// One behind the other, each with a zero byte at its end: where they begin would take a small device more
// room than the search for it.
constexpr auto sentences = [] {
  std::array<char, size_of_sentences()> all{};
  std::size_t at = 0;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
    const auto error = static_cast<Error>(i);
    if (!is_silent(error)) {
      for (const char c : words_of(error)) all[at++] = c;
    }
    all[at++] = 0;
  }
  return all;
}();

}  // namespace

std::string_view describe(Error error) noexcept {
  if (error > last) return "unknown error";
  const char* at = sentences.data();
  for (auto i = static_cast<std::size_t>(error); i > 0; --i) at += std::string_view(at).size() + 1;
  return at;
}

}  // namespace cpwebsockets::protocol
