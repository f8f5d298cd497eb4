/// Every way in which the protocol can fail: the typed cause, the step, and a sentence for a person.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::protocol {

/// The part of a connection's life in which something failed.
enum class Step : std::uint8_t { none, url, resolve, connect, tls, handshake, frame, close };

/// The name of a step as error messages show it: "resolve", "connect", "TLS", ...
[[nodiscard]] std::string_view name(Step step) noexcept;

/// The typed cause of a failure. describe() gives the sentence.
enum class Error : std::uint8_t {
  none = 0,

  // Wrong use or configuration: found before a byte is sent.
  receive_buffer_too_small,
  request_too_large,
  invalid_header_name,
  invalid_header_value,
  reserved_header,
  invalid_subprotocol,
  invalid_request_target,
  invalid_host,
  entropy_failure,
  extension_unusable,
  wrong_state,

  // URL (RFC 6455 §3, RFC 3986).
  url_scheme,
  url_host,
  url_port,
  url_path,
  url_userinfo,
  url_fragment,
  url_needs_tls,

  // Opening handshake (§4).
  handshake_timeout,
  connection_lost_in_handshake,
  header_too_large,
  not_http,
  malformed_header,
  handshake_refused,
  upgrade_missing,
  connection_missing,
  accept_missing,
  accept_mismatch,
  subprotocol_not_offered,
  extension_not_offered,
  extension_parameter_unknown,
  server_no_context_takeover,
  client_no_context_takeover,
  server_max_window_bits,
  client_max_window_bits,
  request_not_get,
  host_missing,
  key_invalid,
  version_unsupported,

  // Frames (§5), text (§8.1), permessage-deflate (RFC 7692).
  reserved_bits,
  unknown_opcode,
  masked_frame,
  unmasked_frame,
  length_not_canonical,
  length_overflow,
  control_frame_fragmented,
  control_frame_too_long,
  unexpected_continuation,
  unfinished_message,
  invalid_utf8,
  frame_too_big,
  message_too_big,
  invalid_deflate_data,

  // Close and loss (§7).
  close_payload_length,
  close_code_invalid,
  close_timeout,
  keepalive_timeout,
  keepalive_without_ping,
  connection_lost,

  // The byte stream. The driver knows the cause: a std::error_code, or a device::PipeFailure.
  stream_not_opened,
};

/// One sentence that says what was wrong, without a full stop. Points to static storage.
[[nodiscard]] std::string_view describe(Error error) noexcept;

}  // namespace cpwebsockets::protocol
