#include "cpwebsockets/error.hpp"

#include "cpwebsockets/transport/tcp.hpp"

namespace cpwebsockets {
namespace {

class ProtocolCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "WebSocket"; }
  [[nodiscard]] std::string message(int value) const override {
    return std::string(protocol::describe(static_cast<protocol::Error>(value)));
  }
};

}  // namespace

const std::error_category& protocol_category() noexcept {
  static const ProtocolCategory category;
  return category;
}

const std::error_category& resolve_category() noexcept {
  return transport::resolve_category();
}

}  // namespace cpwebsockets

namespace cpwebsockets::protocol {

std::error_code make_error_code(Error error) noexcept {
  return {static_cast<int>(error), protocol_category()};
}

}  // namespace cpwebsockets::protocol
