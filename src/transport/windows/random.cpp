#include "cpwebsockets/transport/random.hpp"

#include <windows.h>

#include <bcrypt.h>

#include <algorithm>
#include <limits>

namespace cpwebsockets::transport {

bool system_random(std::span<std::byte> out) noexcept {
  while (!out.empty()) {
    const std::size_t size = std::min<std::size_t>(out.size(), std::numeric_limits<ULONG>::max());
    if (::BCryptGenRandom(nullptr, reinterpret_cast<PUCHAR>(out.data()), static_cast<ULONG>(size),
                          BCRYPT_USE_SYSTEM_PREFERRED_RNG) != 0) {
      return false;
    }
    out = out.subspan(size);
  }
  return true;
}

}  // namespace cpwebsockets::transport
