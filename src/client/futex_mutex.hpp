/// A mutex of one word: an uncontended lock and unlock are one atomic instruction each, inline.
#pragma once

#include <atomic>

#include "../transport/word.hpp"

namespace cpwebsockets {

/// std::mutex costs some fifty instructions for each locked section, a
/// third of what receiving a small message may cost altogether. This one
/// waits by what the system has for a word: a futex, WaitOnAddress().
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
    if (state_.exchange(unlocked, std::memory_order_release) == contended) transport::wake_one(state_);
  }

 private:
  enum : int { unlocked, locked, contended };

  void lock_contended() noexcept {
    while (state_.exchange(contended, std::memory_order_acquire) != unlocked) {
      transport::wait_for_change(state_, contended);
    }
  }
  std::atomic<int> state_{unlocked};
};

}  // namespace cpwebsockets
