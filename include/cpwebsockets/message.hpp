/// Messages as the blocking client hands them out: owned, viewed, or piece by piece.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "cpwebsockets/byte_buffer.hpp"

namespace cpwebsockets {

/// A whole message that lies in the client's memory, valid until the next receiving call.
struct MessageView {
  bool is_text = false;
  std::span<const std::byte> bytes;

  /// The payload as characters; UTF-8 if is_text.
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

/// A whole message that owns its payload. Move-only.
class Message {
 public:
  Message() = default;
  Message(bool is_text, ByteBuffer payload) noexcept : is_text_(is_text), payload_(std::move(payload)) {}

  [[nodiscard]] bool is_text() const noexcept { return is_text_; }
  [[nodiscard]] std::size_t size() const noexcept { return payload_.size(); }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return payload_.bytes(); }
  /// The payload as characters; UTF-8 if is_text().
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(payload_.bytes().data()), payload_.size()};
  }

 private:
  bool is_text_ = false;
  ByteBuffer payload_;
};

/// A piece of a message, for messages that should not be held as
/// a whole. Valid until the next receiving call.
struct MessagePart {
  bool is_text = false;
  bool first = false;
  bool last = false;
  std::span<const std::byte> bytes;  ///< text may be cut inside a code point
};

}  // namespace cpwebsockets
