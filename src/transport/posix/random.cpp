#include "cpwebsockets/transport/random.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cpwebsockets::transport {

#ifdef __linux__

bool system_random(std::span<std::byte> out) noexcept {
  while (!out.empty()) {
    const ssize_t size = ::getrandom(out.data(), out.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(size));
  }
  return true;
}

#else

bool system_random(std::span<std::byte> out) noexcept {
  constexpr std::size_t most_at_once = 256;  // POSIX.1-2024, getentropy
  while (!out.empty()) {
    const std::size_t size = std::min(out.size(), most_at_once);
    if (::getentropy(out.data(), size) != 0) return false;
    out = out.subspan(size);
  }
  return true;
}

#endif

}  // namespace cpwebsockets::transport
