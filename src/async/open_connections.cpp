#include "open_connections.hpp"

#include "async_core.hpp"

namespace cpwebsockets::detail {

asio::execution_context::id OpenConnections::id;

void OpenConnections::add(Place& place) noexcept {
  const std::lock_guard lock(mutex_);
  place.next = first_;
  if (first_ != nullptr) first_->previous = &place;
  first_ = &place;
}

void OpenConnections::remove(Place& place) noexcept {
  const std::lock_guard lock(mutex_);
  if (place.next != nullptr) place.next->previous = place.previous;
  if (place.previous != nullptr) {
    place.previous->next = place.next;
  } else if (first_ == &place) {
    first_ = place.next;
  }
  place.previous = place.next = nullptr;
}

// No other thread runs the context any more. What a handler owns may remove connections from the list.
void OpenConnections::shutdown() noexcept {
  while (first_ != nullptr) {
    AsyncCore* const core = first_->core;
    remove(*first_);
    core->shut_down();
  }
}

}  // namespace cpwebsockets::detail
