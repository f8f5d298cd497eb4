#include "cpwebsockets/protocol/close.hpp"

namespace cpwebsockets::protocol {

CloseCode close_code_for(Error error) noexcept {
  switch (error) {
    case Error::invalid_utf8:
    case Error::invalid_deflate_data:
      return CloseCode::invalid_payload_data;
    case Error::frame_too_big:
    case Error::message_too_big:
      return CloseCode::message_too_big;
    case Error::entropy_failure:
      return CloseCode::internal_error;
    default:
      return CloseCode::protocol_error;
  }
}

}  // namespace cpwebsockets::protocol
