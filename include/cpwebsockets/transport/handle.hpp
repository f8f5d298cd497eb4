/// The operating system's name of a socket.
#pragma once

#include <cstdint>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::transport {

/// A file descriptor; on Windows a SOCKET.
#ifdef _WIN32
using Handle = std::uintptr_t;
#else
using Handle = int;
#endif
/// No socket.
inline constexpr Handle no_handle = static_cast<Handle>(-1);

}  // namespace cpwebsockets::transport
