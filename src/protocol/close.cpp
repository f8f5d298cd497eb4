#include "cpwebsockets/protocol/close.hpp"

namespace cpwebsockets::protocol {

CloseCode close_code_for(Error error) noexcept {
  // Comparisons, not a switch: its table would cost small devices a hundred bytes.
  if (error == Error::invalid_utf8 || error == Error::invalid_deflate_data) {
    return CloseCode::invalid_payload_data;
  }
  if (error == Error::frame_too_big || error == Error::message_too_big) return CloseCode::message_too_big;
  return error == Error::entropy_failure ? CloseCode::internal_error : CloseCode::protocol_error;
}

}  // namespace cpwebsockets::protocol
