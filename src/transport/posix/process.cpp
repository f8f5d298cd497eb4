// The process, and its time.
#include <unistd.h>

#include <ctime>

#include "cpwebsockets/transport/wait.hpp"

namespace cpwebsockets::transport {

std::chrono::microseconds coarse_time() noexcept {
#ifdef CLOCK_MONOTONIC_COARSE
  timespec time{};
  if (::clock_gettime(CLOCK_MONOTONIC_COARSE, &time) == 0) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_nsec / 1000);
  }
#endif
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch());
}

long process_id() noexcept {
  return static_cast<long>(::getpid());
}

}  // namespace cpwebsockets::transport
