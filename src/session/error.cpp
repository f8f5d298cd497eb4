#include "cpwebsockets/error.hpp"

#include <algorithm>

namespace cpwebsockets {
namespace {

class ProtocolCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "WebSocket"; }
  [[nodiscard]] std::string message(int value) const override {
    return std::string(protocol::describe(static_cast<protocol::Error>(value)));
  }
  // `ec == std::errc::timed_out` holds for every way in which connect() takes too long. The timeouts of an
  // open connection are ends of it, which must not look like a wait that can be repeated.
  [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override {
    const auto error = static_cast<protocol::Error>(value);
    if (error == protocol::Error::handshake_timeout) return std::errc::timed_out;
    return {value, *this};
  }
};

class CloseCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "WebSocket close"; }
  [[nodiscard]] std::string message(int value) const override {
    std::string text = "the server closed the connection with " + std::to_string(value);
    const std::string_view meaning = meaning_of(value);
    if (!meaning.empty()) text.append(" (").append(meaning).append(")");
    return text;
  }

 private:
  static std::string_view meaning_of(int value) noexcept {
    switch (static_cast<CloseCode>(value)) {
      case CloseCode::normal_closure:
        return "normal closure";
      case CloseCode::going_away:
        return "going away";
      case CloseCode::protocol_error:
        return "protocol error";
      case CloseCode::unsupported_data:
        return "unsupported data";
      case CloseCode::invalid_payload_data:
        return "invalid payload data";
      case CloseCode::policy_violation:
        return "policy violation";
      case CloseCode::message_too_big:
        return "message too big";
      case CloseCode::mandatory_extension:
        return "mandatory extension";
      case CloseCode::internal_error:
        return "internal error";
      case CloseCode::service_restart:
        return "service restart";
      case CloseCode::try_again_later:
        return "try again later";
      case CloseCode::bad_gateway:
        return "bad gateway";
      default:
        return {};
    }
  }
};

class ClientCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "WebSocket client"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<ClientError>(value)) {
      case ClientError::text_not_utf8:
        return "the text to send is not UTF-8";
      case ClientError::message_in_parts:
        return "a message is being received by parts: receive_part() has to receive its rest";
      case ClientError::message_cut_short:
        return "a message could not be sent to its end in its time";
      case ClientError::message_too_large_for_memory:
        return "there is no memory for the message that has come";
      case ClientError::close_not_sent:
        return "the socket took no close frame within close_timeout";
    }
    return "unknown error";
  }
};

class ConditionCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "WebSocket condition"; }
  [[nodiscard]] std::string message(int value) const override {
    return static_cast<Condition>(value) == Condition::repeat ? "the wait ended: repeat the call"
                                                              : "the connection has ended";
  }
  [[nodiscard]] bool equivalent(const std::error_code& code, int value) const noexcept override {
    const bool is_repeat = code == std::errc::timed_out || code == std::errc::operation_canceled;
    if (static_cast<Condition>(value) == Condition::repeat) return is_repeat;
    return code && !is_repeat && !is_wrong_use(code);
  }

 private:
  static bool is_wrong_use(const std::error_code& code) noexcept {
    return code == std::errc::invalid_argument || code == std::errc::operation_in_progress ||
           code == std::errc::not_enough_memory || code == ClientError::text_not_utf8 ||
           code == ClientError::message_in_parts;
  }
};

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

const std::error_category& condition_category() noexcept {
  static const ConditionCategory category;
  return category;
}

}  // namespace

const std::error_category& protocol_category() noexcept {
  static const ProtocolCategory category;
  return category;
}

const std::error_category& close_category() noexcept {
  static const CloseCategory category;
  return category;
}

const std::error_category& client_category() noexcept {
  static const ClientCategory category;
  return category;
}

std::error_code make_error_code(ClientError error) noexcept {
  return {static_cast<int>(error), client_category()};
}

std::error_condition make_error_condition(Condition condition) noexcept {
  return {static_cast<int>(condition), condition_category()};
}

std::string_view Refusal::header(std::string_view name) const noexcept {
  for (const auto& [field, value] : headers) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return {};
}

}  // namespace cpwebsockets

namespace cpwebsockets::protocol {

std::error_code make_error_code(Error error) noexcept {
  return {static_cast<int>(error), protocol_category()};
}

std::error_code make_error_code(CloseCode code) noexcept {
  return {static_cast<int>(code), close_category()};
}

}  // namespace cpwebsockets::protocol
