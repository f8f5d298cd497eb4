/// A byte queue in one piece of the caller's memory.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets::protocol {

/// Bytes go in at the end and come out at the front. They are always contiguous: when the end has no more
/// room, pending bytes move to the front of the storage.
class LinearBuffer {
 public:
  LinearBuffer() = default;
  /// Empty. `storage` must outlive the buffer.
  explicit LinearBuffer(std::span<std::byte> storage) noexcept
      : storage_(storage.data()), limit_(storage_ + storage.size()), begin_(storage_), end_(storage_) {}

  /// Bytes of storage.
  [[nodiscard]] std::size_t capacity() const noexcept { return static_cast<std::size_t>(limit_ - storage_); }
  /// Bytes that are pending.
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
  /// True when nothing is pending.
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  /// Bytes of free room.
  [[nodiscard]] std::size_t room() const noexcept { return capacity() - size(); }
  /// Bytes of it behind what is pending, from end() on.
  [[nodiscard]] std::size_t room_at_end() const noexcept { return static_cast<std::size_t>(limit_ - end_); }
  /// The end of what is pending.
  [[nodiscard]] std::byte* end() const noexcept { return end_; }
  /// The bytes that went in and have not come out.
  [[nodiscard]] std::span<std::byte> pending() const noexcept { return {begin_, end_}; }

  /// All free room in one span, for commit(). Invalidates views of pending().
  std::span<std::byte> space() noexcept {
    if (begin_ != storage_) {
      const std::size_t pending = size();
      if (pending > 0) std::memmove(storage_, begin_, pending);
      begin_ = storage_;
      end_ = storage_ + pending;
    }
    return {end_, limit_};
  }
  /// At least `size` bytes of the free room, which the caller knows to be there. Moves pending bytes only if
  /// it must.
  std::byte* reserve(std::size_t size) noexcept {
    if (room_at_end() < size) space();
    return end_;
  }
  /// The first `size` bytes of the free room were filled.
  void commit(std::size_t size) noexcept { end_ += size; }
  /// The first `size` pending bytes come out.
  void consume(std::size_t size) noexcept { begin_ += size; }
  /// Takes `size` bytes at `position` of pending() out; what is before them moves.
  void erase(std::size_t position, std::size_t size) noexcept {
    if (position > 0) std::memmove(begin_ + size, begin_, position);
    consume(size);
  }
  /// Drops what is pending.
  void clear() noexcept { begin_ = end_ = storage_; }

  /// Goes on in `storage`, which holds at least what is pending and may overlap with the present one.
  void move_to(std::span<std::byte> storage) noexcept {
    const std::span<std::byte> bytes = pending();
    if (!bytes.empty()) std::memmove(storage.data(), bytes.data(), bytes.size());
    *this = LinearBuffer(storage);
    commit(bytes.size());
  }

  /// Keeps `bytes`, a part of pending(), safe at the front of the storage, and goes on empty with the rest of
  /// it.
  std::span<const std::byte> retire(std::span<const std::byte> bytes) noexcept {
    std::byte* const kept = storage_;
    if (!bytes.empty()) std::memmove(kept, bytes.data(), bytes.size());
    storage_ += bytes.size();
    clear();
    return {kept, bytes.size()};
  }

 private:
  std::byte* storage_ = nullptr;
  std::byte* limit_ = nullptr;
  std::byte* begin_ = nullptr;  // of what is pending
  std::byte* end_ = nullptr;
};

}  // namespace cpwebsockets::protocol
