/// Why a pipe could not be opened, or broke.
#pragma once

#include <cstdint>
#include <string_view>

#include "cpwebsockets/protocol/error.hpp"

namespace cpwebsockets::device {

/// The typed cause. describe() gives the sentence.
enum class PipeError : std::uint8_t {
  none = 0,
  host_not_found,
  network_unavailable,
  connection_refused,
  connect_timeout,
  tls_setup,
  tls_handshake,
  certificate_untrusted,
  certificate_expired,
  certificate_name_mismatch,
  connection_lost,
};

/// One sentence that says what was wrong, without a full stop. Points to static storage.
[[nodiscard]] std::string_view describe(PipeError error) noexcept;

/// What a pipe reports when it could not be opened, or broke.
struct PipeFailure {
  protocol::Step step = protocol::Step::none;  ///< resolve, connect or TLS
  /// The cause.
  PipeError error = PipeError::none;
  int native = 0;  ///< what the layer below reports: lwIP's err_t, mbedTLS's code; 0 if nothing
};

}  // namespace cpwebsockets::device
