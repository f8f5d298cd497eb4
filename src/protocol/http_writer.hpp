/// Writes HTTP header text into the free room of a send buffer: all of it, or nothing.
#pragma once

#include <cstring>
#include <initializer_list>
#include <span>
#include <string_view>

#include "cpwebsockets/protocol/linear_buffer.hpp"

namespace cpwebsockets::protocol {

class HttpWriter {
 public:
  explicit HttpWriter(LinearBuffer& buffer) noexcept : buffer_(buffer), space_(buffer.space()) {}

  void put(std::initializer_list<std::string_view> texts) noexcept {
    for (const std::string_view text : texts) {
      overflow_ = overflow_ || text.size() > space_.size() - size_;
      if (overflow_) return;
      if (!text.empty()) std::memcpy(space_.data() + size_, text.data(), text.size());
      size_ += text.size();
    }
  }
  void field(std::string_view name, std::string_view value) noexcept {
    put({name, std::string_view(": ", 2), value, std::string_view("\r\n", 2)});
  }

  /// Makes the text part of the buffer; false, and nothing changed, if it did not fit.
  [[nodiscard]] bool commit() noexcept {
    if (!overflow_) buffer_.commit(size_);
    return !overflow_;
  }

 private:
  LinearBuffer& buffer_;
  std::span<std::byte> space_;
  std::size_t size_ = 0;
  bool overflow_ = false;
};

}  // namespace cpwebsockets::protocol
