#include "../word.hpp"

#include <windows.h>

namespace cpwebsockets::transport {

static_assert(sizeof(std::atomic<int>) == sizeof(int) && std::atomic<int>::is_always_lock_free);

void wait_for_change(std::atomic<int>& word, int seen) noexcept {
  ::WaitOnAddress(&word, &seen, sizeof seen, INFINITE);
}

void wake_one(std::atomic<int>& word) noexcept {
  ::WakeByAddressSingle(&word);
}

}  // namespace cpwebsockets::transport
