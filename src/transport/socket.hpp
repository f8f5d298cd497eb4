/// What differs between the sockets of the systems.
#pragma once

#include <system_error>

#include "cpwebsockets/transport/tcp.hpp"

namespace cpwebsockets::transport {

/// To be called before any other call about sockets or names. Costs nothing again.
[[nodiscard]] std::error_code start_sockets() noexcept;
/// A TCP socket that child processes do not inherit and that start_connect() does not wait on. no_handle and
/// `ec` if there is none.
[[nodiscard]] Handle open_socket(int family, std::error_code& ec) noexcept;
void close_socket(Handle socket) noexcept;
/// Begins to connect. The socket can be written when that has ended.
[[nodiscard]] std::error_code start_connect(Handle socket, const Address& address) noexcept;
/// What the attempt has ended with.
[[nodiscard]] std::error_code pending_error(Handle socket) noexcept;

/// Binds the socket and listens; `address` then has the port that was free.
[[nodiscard]] std::error_code start_listening(Handle socket, Address& address) noexcept;
/// The next connection, or no_handle.
[[nodiscard]] Handle accept_socket(Handle listener) noexcept;

}  // namespace cpwebsockets::transport
