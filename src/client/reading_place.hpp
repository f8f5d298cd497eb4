/// The place of the one thread that reads.
#pragma once

#include <atomic>

namespace cpwebsockets {

/// Who may read from the stream, handle events, and touch the receiver's part of the session:
///
/// - a receiver, which need not have the mutex;
/// - a sending call that looks for control frames or waits for room, until a receiver has something to read;
/// - close(), until a receiver comes.
///
/// A second receiver is refused. A receiver waits for the others to leave; the others go on without the place
/// while it is taken. Leaving takes no mutex, and wakes nobody: a waiting thread looks again every
/// `look_interval`, and is told earlier where that costs nothing.
class ReadingPlace {
 public:
  enum Holder : int { nobody, receiver, sender, closer };

  /// Takes it, or says in `found` who has it.
  [[nodiscard]] bool take(Holder holder, Holder& found) noexcept {
    int expected = nobody;
    const bool taken = holder_.compare_exchange_strong(expected, holder, std::memory_order_acquire);
    found = static_cast<Holder>(expected);
    return taken;
  }
  [[nodiscard]] bool take(Holder holder) noexcept {
    Holder found;
    return take(holder, found);
  }
  void leave() noexcept { holder_.store(nobody, std::memory_order_release); }

 private:
  std::atomic<int> holder_{nobody};
};

}  // namespace cpwebsockets
