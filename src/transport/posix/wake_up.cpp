#include "../wake_up.hpp"

#include <unistd.h>

#include <cstdint>

#ifdef __linux__
#include <sys/eventfd.h>
#else
#include <fcntl.h>
#endif

namespace cpwebsockets::transport {

#ifdef __linux__

WakeUp::WakeUp(bool wanted) noexcept
    : reads_(wanted ? ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : no_handle), writes_(reads_) {}

#else

WakeUp::WakeUp(bool wanted) noexcept {
  int ends[2];
  if (!wanted || ::pipe(ends) != 0) return;
  for (const int end : ends) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  }
  reads_ = ends[0];
  writes_ = ends[1];
}

#endif

WakeUp::~WakeUp() {
  if (reads_ == no_handle) return;
  ::close(reads_);
  if (writes_ != reads_) ::close(writes_);
}

void WakeUp::signal() const noexcept {
  const std::uint64_t one = 1;  // eventfd(2) takes eight bytes; for a pipe any will do
  [[maybe_unused]] const ssize_t written = ::write(writes_, &one, sizeof one);
}

}  // namespace cpwebsockets::transport
