/// A byte queue in one piece of the caller's memory.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>

namespace cpwebsockets::protocol {

/// Bytes go in at the end and come out at the front, always contiguous: what is pending moves to the front of
/// the storage when the end has no more room.
class LinearBuffer {
 public:
  LinearBuffer() = default;
  explicit LinearBuffer(std::span<std::byte> storage) noexcept : storage_(storage) {}

  [[nodiscard]] std::size_t capacity() const noexcept { return storage_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t room() const noexcept { return capacity() - size(); }
  [[nodiscard]] std::span<std::byte> pending() const noexcept { return storage_.subspan(begin_, size()); }

  /// All free room in one span, for commit(). Invalidates views of pending().
  std::span<std::byte> space() noexcept {
    if (begin_ > 0) {
      if (begin_ != end_) std::memmove(storage_.data(), storage_.data() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    return storage_.subspan(end_);
  }
  /// At least `size` bytes of the free room, which the caller knows to be there. Moves pending bytes only if
  /// it must.
  std::byte* reserve(std::size_t size) noexcept {
    if (storage_.size() - end_ < size) space();
    return storage_.data() + end_;
  }
  void commit(std::size_t size) noexcept { end_ += size; }
  void consume(std::size_t size) noexcept { begin_ += size; }
  void clear() noexcept { begin_ = end_ = 0; }

  /// Keeps `bytes`, a part of pending(), safe at the front of the storage, and goes on empty with the rest of
  /// it.
  std::span<const std::byte> retire(std::span<const std::byte> bytes) noexcept {
    if (!bytes.empty()) std::memmove(storage_.data(), bytes.data(), bytes.size());
    const std::span<const std::byte> kept = storage_.first(bytes.size());
    storage_ = storage_.subspan(bytes.size());
    clear();
    return kept;
  }

 private:
  std::span<std::byte> storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace cpwebsockets::protocol
