#include "cpwebsockets/device/pipe_error.hpp"

namespace cpwebsockets::device {

std::string_view describe(PipeError error) noexcept {
  switch (error) {
    case PipeError::none:
      return "no error";
    case PipeError::host_not_found:
      return "the host's name could not be resolved";
    case PipeError::network_unavailable:
      return "the network stack has no route, or no memory, for a connection";
    case PipeError::connection_refused:
      return "the server refused the connection";
    case PipeError::connect_timeout:
      return "the server could not be reached in time";
    case PipeError::tls_setup:
      return "TLS could not be set up: out of memory, or its configuration does not fit the library";
    case PipeError::tls_handshake:
      return "the TLS handshake failed";
    case PipeError::certificate_untrusted:
      return "the server's certificate is not signed by a CA that is trusted here";
    case PipeError::certificate_expired:
      return "the server's certificate is not valid at this time";
    case PipeError::certificate_name_mismatch:
      return "the server's certificate is for another host";
    case PipeError::connection_lost:
      return "the connection below was lost";
  }
  return "unknown error";
}

}  // namespace cpwebsockets::device
