/// Winsock's errors.
#pragma once

#include <string>
#include <system_error>

namespace cpwebsockets::transport {

/// Category of WSA error codes: it compares with std::errc, and its messages are those of other systems.
[[nodiscard]] const std::error_category& winsock_category() noexcept;
/// That of this thread's last call.
[[nodiscard]] std::error_code last_winsock_error() noexcept;
/// What Windows says about an error, as UTF-8.
[[nodiscard]] std::string system_message(int code);

}  // namespace cpwebsockets::transport
