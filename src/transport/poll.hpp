/// One look at sockets by the system's own call.
#pragma once

#include <span>
#include <system_error>

#include "cpwebsockets/transport/wait.hpp"

namespace cpwebsockets::transport {

/// Waits at most `milliseconds`, without limit if negative, until one of `entries` is ready or has failed, of
/// which there are at most 16, or `wake` can be read, unless that is no_handle. Sets `ready` of all entries,
/// and `any` if one of all these is the case. Returns early when a signal comes.
[[nodiscard]] std::error_code poll_once(std::span<WaitEntry> entries, Handle wake, int milliseconds,
                                        bool& any) noexcept;

}  // namespace cpwebsockets::transport
