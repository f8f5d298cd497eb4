#pragma once

#include <cpwebsockets/transport/wait.hpp>
#include <span>

namespace cpws {

/// Waits at most `milliseconds` until one of `entries`, of which there may be any number, is ready or has
/// failed. Sets `ready` of these to both, and of the others to none. False: the system fails.
[[nodiscard]] bool wait_for_many(std::span<cpwebsockets::transport::WaitEntry> entries, int milliseconds);

}  // namespace cpws
