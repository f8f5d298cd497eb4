/// What permessage-deflate (RFC 7692) is asked for; without zlib, so that options can hold it.
#pragma once

#include <cstdint>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::protocol {

/// What to offer as a client, or to allow as a server.
struct DeflateOptions {
  bool server_no_context_takeover = false;   ///< the server forgets its window after each message
  bool client_no_context_takeover = false;   ///< the same for the client
  std::uint8_t server_max_window_bits = 15;  ///< 9 to 15: the server's window is 2^n bytes
  std::uint8_t client_max_window_bits = 15;  ///< 9 to 15: the client's
  std::uint8_t memory_level = 8;  ///< 1 to 9, of zlib: memory against speed and ratio when compressing
  std::uint8_t level = 4;         ///< 1 to 9, of zlib: CPU against ratio
  std::uint32_t threshold = 64;   ///< bytes: shorter messages go uncompressed
  /// A client offers no parameters, for servers that refuse any. It then asks nothing of the server:
  /// server_max_window_bits has to be 15, or the connection fails.
  bool offers_bare = false;
};

}  // namespace cpwebsockets::protocol
