#include "timer_wheel.hpp"

#include <algorithm>

#include "async_core.hpp"

namespace cpwebsockets::detail {

asio::execution_context::id TimerWheel::id;

TimerWheel::TimerWheel(asio::execution_context& context) : service(context) {
  for (Entry& head : heads_) head.previous = head.next = &head;
}

void TimerWheel::unlink(Entry& entry) noexcept {
  entry.previous->next = entry.next;
  entry.next->previous = entry.previous;
  entry.previous = entry.next = nullptr;
}

void TimerWheel::set(Entry& entry, Clock::time_point at, const asio::any_io_executor& executor) {
  const std::lock_guard lock(mutex_);
  if (entry.is_set()) {
    unlink(entry);
    --entries_;
  }
  const std::int64_t now = Clock::now().time_since_epoch() / tick_length;
  if (entries_ == 0) done_ = now;
  const auto tick = std::chrono::ceil<std::chrono::milliseconds>(at.time_since_epoch()) / tick_length + 1;
  entry.tick =
      std::max<std::int64_t>(tick, done_ + 1);  // a tick is a long to one library, a long long to another
  Entry& head = slot(entry.tick);
  entry.next = &head;
  entry.previous = head.previous;
  head.previous->next = &entry;
  head.previous = &entry;
  ++entries_;
  if (!timer_) timer_.emplace(executor);
  if (armed_for_ == 0 || entry.tick < armed_for_) arm();
}

// To cancel a timer never fails.
void TimerWheel::cancel(Entry& entry) noexcept {  // NOLINT(bugprone-exception-escape)
  const std::lock_guard lock(mutex_);
  if (!entry.is_set()) return;
  unlink(entry);
  // The last one takes the timer along, which would keep the context at work.
  if (--entries_ > 0 || !timer_) return;
  armed_for_ = 0;
  timer_->cancel();
}

void TimerWheel::arm() {
  std::int64_t tick = done_ + 1;
  while (tick < done_ + static_cast<std::int64_t>(slots) && slot(tick).next == &slot(tick)) ++tick;
  armed_for_ = tick;
  timer_->expires_at(Clock::time_point(tick * tick_length));
  timer_->async_wait([this](const std::error_code& ec) {
    if (!ec) turn();
  });
}

void TimerWheel::turn() {
  std::vector<std::shared_ptr<AsyncCore>> due;
  {
    const std::lock_guard lock(mutex_);
    if (!timer_) return;
    const std::int64_t now = Clock::now().time_since_epoch() / tick_length;
    const std::int64_t end = std::min(now, done_ + static_cast<std::int64_t>(slots));
    for (std::int64_t tick = done_ + 1; tick <= end; ++tick) {
      Entry& head = slot(tick);
      for (Entry* entry = head.next; entry != &head;) {
        Entry& met = *entry;
        entry = entry->next;
        if (met.tick > now) continue;
        unlink(met);
        --entries_;
        if (auto owner = met.owner.lock()) due.push_back(std::move(owner));
      }
    }
    done_ = std::max(done_, now);
    armed_for_ = 0;
    if (entries_ > 0) arm();
  }
  for (std::shared_ptr<AsyncCore>& owner : due) AsyncCore::post_deadline(std::move(owner));
}

void TimerWheel::shutdown() noexcept {
  const std::lock_guard lock(mutex_);
  timer_.reset();
}

}  // namespace cpwebsockets::detail
