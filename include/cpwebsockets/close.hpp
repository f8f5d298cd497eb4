/// Close codes and how a connection ended, as clients name them.
#pragma once

#include <cstdint>

#include "cpwebsockets/protocol/close.hpp"

namespace cpwebsockets {

using protocol::CloseCode;
using protocol::ClosedBy;
using protocol::CloseInfo;

/// A close code as a call takes it: one of CloseCode, or a number such as 4001.
class AnyCloseCode {
 public:
  /// One of CloseCode.
  constexpr AnyCloseCode(CloseCode code) noexcept : code_(code) {}  // NOLINT(google-explicit-constructor)
  /// A number.
  constexpr AnyCloseCode(std::uint16_t code) noexcept  // NOLINT(google-explicit-constructor)
      : code_(CloseCode{code}) {}

  /// The code.
  constexpr operator CloseCode() const noexcept { return code_; }  // NOLINT(google-explicit-constructor)

 private:
  CloseCode code_;
};

}  // namespace cpwebsockets
