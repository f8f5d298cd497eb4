/// Deadlines of many connections on one timer of their execution context.
#pragma once

#include <array>
#include <asio/any_io_executor.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/execution_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cpwebsockets::detail {

class AsyncCore;

/// A wheel of 512 slots of 16 ms. To set and to cancel a deadline is to link and unlink: nothing is allocated
/// and no heap is kept in order. Deadlines beyond a turn stay in their slot for further turns. A deadline is
/// met up to 16 ms late, never early. Thread-safe.
class TimerWheel final : public asio::execution_context::service {
 public:
  using Clock = std::chrono::steady_clock;

  /// A connection's deadline; a part of the connection.
  struct Entry {
    Entry* previous = nullptr;
    Entry* next = nullptr;
    std::int64_t tick = 0;
    std::weak_ptr<AsyncCore> owner;
    [[nodiscard]] bool is_set() const noexcept { return previous != nullptr; }
  };

  static asio::execution_context::id id;
  explicit TimerWheel(asio::execution_context& context);

  /// Replaces the entry's deadline. `executor` is used for the wheel's own timer, if it has none yet.
  void set(Entry& entry, Clock::time_point at, const asio::any_io_executor& executor);
  void cancel(Entry& entry) noexcept;  // NOLINT(bugprone-exception-escape)

 private:
  static constexpr std::size_t slots = 512;
  static constexpr std::chrono::milliseconds tick_length{16};
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, asio::any_io_executor>;

  void shutdown() noexcept override;
  void arm();
  void turn();
  static void unlink(Entry& entry) noexcept;
  [[nodiscard]] bool is_empty(std::int64_t tick) const noexcept;
  Entry& slot(std::int64_t tick) noexcept { return heads_[static_cast<std::size_t>(tick) % slots]; }

  std::mutex mutex_;
  std::array<Entry, slots> heads_;
  std::size_t entries_ = 0;
  std::int64_t done_ = 0;       // the last tick whose deadlines were met
  std::int64_t armed_for_ = 0;  // 0: the timer does not run
  std::optional<Timer> timer_;
};

}  // namespace cpwebsockets::detail
