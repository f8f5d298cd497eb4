/// A mutex of one word: an uncontended lock and unlock are one atomic instruction each, inline.
#pragma once

#include <atomic>

namespace cpwebsockets {

/// std::mutex costs some fifty instructions for each locked section, a
/// third of what receiving a small message may cost altogether. This one
/// waits by std::atomic::wait, which is a futex where the system has it.
class FutexMutex {
 public:
  FutexMutex() = default;
  FutexMutex(const FutexMutex&) = delete;
  FutexMutex& operator=(const FutexMutex&) = delete;

  void lock() noexcept {
    int expected = unlocked;
    if (!state_.compare_exchange_strong(expected, locked, std::memory_order_acquire)) lock_contended();
  }
  void unlock() noexcept {
    if (state_.exchange(unlocked, std::memory_order_release) == contended) state_.notify_one();
  }

 private:
  enum : int { unlocked, locked, contended };

  void lock_contended() noexcept {
    while (state_.exchange(contended, std::memory_order_acquire) != unlocked) {
      state_.wait(contended, std::memory_order_relaxed);
    }
  }
  std::atomic<int> state_{unlocked};
};

}  // namespace cpwebsockets
