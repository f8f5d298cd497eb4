/// Validation of UTF-8 (RFC 3629), incremental and fail-fast, as RFC 6455 §8.1 wants it for text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::protocol {

/// Checks a text that arrives in pieces, cut anywhere, even inside a code point. Its state is three bytes.
class Utf8Validator {
 public:
  /// Takes the next piece. Returns how many of its bytes can stand in valid UTF-8: bytes.size(), or the index
  /// of the first impossible byte. After an impossible byte, reset() before the next text.
  std::size_t consume(std::span<const std::byte> bytes) noexcept;

  /// True when the text so far does not end inside a code point.
  [[nodiscard]] bool complete() const noexcept { return missing_ == 0; }

  /// Starts a new text.
  void reset() noexcept { *this = Utf8Validator{}; }

 private:
  std::size_t consume_scalar(std::span<const std::byte> bytes) noexcept;

  std::uint8_t missing_ = 0;  // continuation bytes that the current code point still needs
  std::uint8_t raised_ = 0;  // the next one lies in 0x80 + raised_ .. 0xBF - lowered_: narrower after E0, ED,
  std::uint8_t lowered_ = 0;  // F0 and F4, against overlong forms, surrogates and what is above U+10FFFF
};

/// True when the whole of `text` is valid UTF-8.
[[nodiscard]] bool is_valid_utf8(std::span<const std::byte> text) noexcept;

}  // namespace cpwebsockets::protocol
