/// How the client's threads wait for each other: a lock and a condition.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "cpwebsockets/transport/wait.hpp"
#include "transport/word.hpp"

namespace cpwebsockets {

/// A mutex of one word: an uncontended lock and unlock are one atomic instruction each, inline. std::mutex
/// costs some fifty instructions for each locked section, a third of the whole cost of receiving a small
/// message. This one waits by the system's own means for one word: a futex, or WaitOnAddress().
class Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() noexcept {
    int expected = unlocked;
    if (!state_.compare_exchange_strong(expected, locked, std::memory_order_acquire)) lock_contended();
  }
  void unlock() noexcept {
    if (state_.exchange(unlocked, std::memory_order_release) == contended) transport::wake_one(state_);
  }
  /// True when another thread waits for it.
  [[nodiscard]] bool is_contended() const noexcept {
    return state_.load(std::memory_order_relaxed) == contended;
  }
  /// Lets a waiting thread have the mutex, and locks it again after that one.
  void yield() noexcept {
    const unsigned before = handed_over_.load(std::memory_order_relaxed);
    unlock();
    // The thread that is woken counts up. It may have had its turn already: so look only a few times.
    for (int looks = 0; looks < 100 && handed_over_.load(std::memory_order_relaxed) == before; ++looks)
      std::this_thread::yield();
    lock();
  }

 private:
  enum : int { unlocked, locked, contended };

  void lock_contended() noexcept {
    while (state_.exchange(contended, std::memory_order_acquire) != unlocked) {
      transport::wait_for_change(state_, contended);
    }
    handed_over_.fetch_add(1, std::memory_order_relaxed);
  }
  std::atomic<int> state_{unlocked};
  std::atomic<unsigned> handed_over_{0};
};

using Lock = std::unique_lock<Mutex>;

/// That something has changed which threads wait for. They look again after every wait.
class Signal {
 public:
  void notify() noexcept { changed_.notify_all(); }

  /// Waits for notify(), the deadline, a stop request, or at most for `longest`; or for nothing.
  void wait(Lock& lock, const transport::Deadline& deadline, transport::Clock::duration longest) noexcept {
    bool looked = false;
    changed_.wait_until(lock, deadline.stop, std::min(deadline.at, transport::Clock::now() + longest),
                        [&] { return std::exchange(looked, true); });
  }

 private:
  std::condition_variable_any changed_;
};

}  // namespace cpwebsockets
