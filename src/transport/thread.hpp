/// A thread that nobody waits for.
#pragma once

#include <memory>
#include <system_error>

namespace cpwebsockets::transport {

/// Calls `run` with what `job` points to, and lets go of it.
[[nodiscard]] std::error_code start_detached_thread(void (*run)(void*), std::shared_ptr<void> job) noexcept;

}  // namespace cpwebsockets::transport
