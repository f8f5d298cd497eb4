// The process, and its time.
#include <windows.h>

#include "cpwebsockets/transport/wait.hpp"

namespace cpwebsockets::transport {

std::chrono::microseconds coarse_time() noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch());
}

long process_id() noexcept {
  return static_cast<long>(::GetCurrentProcessId());
}

}  // namespace cpwebsockets::transport
