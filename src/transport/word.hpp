/// Waiting for a word of memory to change.
#pragma once

#include <atomic>

namespace cpwebsockets::transport {

#ifdef _WIN32

// GCC's library loses wake-ups of std::atomic::wait there (seen with GCC 12): these are WaitOnAddress().
void wait_for_change(std::atomic<int>& word, int seen) noexcept;
void wake_one(std::atomic<int>& word) noexcept;

#else

/// Waits until the word is not `seen`, which is read again after each wake_one(); may return early.
inline void wait_for_change(std::atomic<int>& word, int seen) noexcept {
  word.wait(seen, std::memory_order_relaxed);
}
inline void wake_one(std::atomic<int>& word) noexcept {
  word.notify_one();
}

#endif

}  // namespace cpwebsockets::transport
