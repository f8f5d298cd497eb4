/// Why a name could not be resolved.
#pragma once

#include <system_error>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::transport {

/// Category of getaddrinfo(3) errors.
[[nodiscard]] const std::error_category& resolve_category() noexcept;

}  // namespace cpwebsockets::transport
