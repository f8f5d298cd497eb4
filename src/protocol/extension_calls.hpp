/// What a connection does with its extension, behind pointers: nobody else names these functions, so that a
/// program without an extension does not contain them.
#pragma once

#include "cpwebsockets/protocol/connection.hpp"

namespace cpwebsockets::protocol {

struct ExtensionCalls {
  Error (*offer)(Connection&, HttpWriter& out) noexcept;
  Error (*check_answer)(Connection&, std::string_view list) noexcept;
  std::string_view (*answered)(const Connection&) noexcept;
  Connection::Progress (*next_part)(Connection&, std::span<std::byte> bytes, Event& event) noexcept;
  std::size_t (*piece_limit)(const Connection&) noexcept;
  std::size_t (*framed_size)(const Connection&, std::size_t piece) noexcept;
  bool (*write_frame)(Connection&, Opcode opcode, std::span<const std::byte> piece, bool fin) noexcept;

  static const ExtensionCalls all;
};

}  // namespace cpwebsockets::protocol
