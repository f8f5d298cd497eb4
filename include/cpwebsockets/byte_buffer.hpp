/// A growable piece of uninitialised memory, for received payload.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <span>
#include <utility>

#include "cpwebsockets/protocol/version.hpp"

namespace cpwebsockets {

/// Like std::vector<std::byte>, but growing leaves new bytes uninitialised, lets the allocator extend large
/// blocks without copying, and reports failure instead of throwing. Move-only.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  /// The other one is left empty.
  ByteBuffer(ByteBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  /// The two exchange their contents.
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  // clang-tidy 14 believes that an optional destroys its value twice.
  ~ByteBuffer() { std::free(data_); }  // NOLINT(clang-analyzer-unix.Malloc)

  /// The start of the content; null when no memory has been taken.
  [[nodiscard]] std::byte* data() noexcept { return data_; }
  /// Bytes of content.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Bytes that fit without another allocation.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// The content.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  /// Free room behind the content.
  [[nodiscard]] std::span<std::byte> space() noexcept { return {data_ + size_, capacity_ - size_}; }

  /// Makes the capacity at least `capacity`; false when memory is out, and nothing changed.
  [[nodiscard]] bool reserve(std::size_t capacity) noexcept {
    if (capacity <= capacity_) return true;
    void* const grown = std::realloc(data_, capacity);
    if (grown == nullptr) return false;
    data_ = static_cast<std::byte*>(grown);
    capacity_ = capacity;
    return true;
  }
  /// Makes `size` bytes of space() part of the content.
  void commit(std::size_t size) noexcept { size_ += size; }
  /// Empties the content and keeps the memory.
  void clear() noexcept { size_ = 0; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace cpwebsockets
