/// Messages as a client's calls take and return them: owned, viewed, or piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "cpwebsockets/byte_buffer.hpp"
#include "cpwebsockets/protocol/binary.hpp"
#include "cpwebsockets/protocol/event.hpp"

namespace cpwebsockets {

// The bytes of a binary message as a call takes them.
using protocol::Binary;

/// A view of a whole message in the client's memory, valid until the next receiving call.
struct MessageView {
  /// The message is text. Its payload is then valid UTF-8 (RFC 6455 §8.1).
  bool is_text = false;
  /// The payload.
  std::span<const std::byte> bytes;

  /// The payload as characters.
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

/// A whole message that owns its payload. Move-only.
class Message {
 public:
  Message() = default;
  /// A message of this payload.
  Message(bool is_text, ByteBuffer payload) noexcept : is_text_(is_text), payload_(std::move(payload)) {}

  /// True if the message is text. Its payload is then valid UTF-8 (RFC 6455 §8.1).
  [[nodiscard]] bool is_text() const noexcept { return is_text_; }
  /// Bytes of payload.
  [[nodiscard]] std::size_t size() const noexcept { return payload_.size(); }
  /// The payload, valid as long as the message.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return payload_.bytes(); }
  /// The payload as characters, valid as long as the message.
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(payload_.bytes().data()), payload_.size()};
  }

 private:
  bool is_text_ = false;
  ByteBuffer payload_;
};

// A piece of a message, for messages that are too large to hold. Valid until the next receiving call.
using protocol::MessagePart;

/// What a receiving call returns: something, or the reason why there is nothing. It is used like a pointer:
///
///     while (auto message = ws.receive()) use(message->text());
template <typename T>
class [[nodiscard]] Received {
 public:
  /// Why there is nothing.
  enum class Nothing : std::uint8_t {
    ended,      ///< the connection has ended
    timed_out,  ///< the wait's limit came first: nothing is wrong, and nothing was lost
    stopped,    ///< stop was requested: nothing is wrong, and nothing was lost
    failed,     ///< another error: see the error_code
  };

  /// Nothing, by an error.
  Received() noexcept = default;
  /// Something.
  Received(T value) noexcept : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  /// Nothing, and why.
  Received(Nothing nothing) noexcept : nothing_(nothing) {}  // NOLINT(google-explicit-constructor)

  /// True if there is something.
  [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
  /// True if there is something.
  explicit operator bool() const noexcept { return value_.has_value(); }
  /// What was received. There must be something.
  /// @{
  [[nodiscard]] T& operator*() & noexcept { return *value_; }
  [[nodiscard]] const T& operator*() const& noexcept { return *value_; }
  [[nodiscard]] T&& operator*() && noexcept { return *std::move(value_); }
  [[nodiscard]] T* operator->() noexcept { return &*value_; }
  [[nodiscard]] const T* operator->() const noexcept { return &*value_; }
  /// @}

  /// True if the wait's limit came first.
  [[nodiscard]] bool timed_out() const noexcept { return !value_ && nothing_ == Nothing::timed_out; }
  /// True if stop was requested.
  [[nodiscard]] bool stopped() const noexcept { return !value_ && nothing_ == Nothing::stopped; }
  /// True if the connection has ended.
  [[nodiscard]] bool ended() const noexcept { return !value_ && nothing_ == Nothing::ended; }

 private:
  std::optional<T> value_;
  Nothing nothing_ = Nothing::failed;
};

}  // namespace cpwebsockets
