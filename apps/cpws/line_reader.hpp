#pragma once

#include <cstddef>
#include <string>

#include "input.hpp"

namespace cpws {

/// Lines of an input.
class LineReader {
 public:
  enum class Result {
    line,      ///< `line` has it, without its end
    too_long,  ///< it is longer than longest_line, or as long as a terminal cuts lines: it is passed over
    end,       ///< of the input, or woken, or the input's error() says what
  };

  static constexpr std::size_t longest_line = 64U << 20;  // bytes: beyond that the input is not lines

  explicit LineReader(Input& input) noexcept;
  Result next(std::string& line);
  /// Bytes of the longest line that next() gives.
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

 private:
  Result take(std::size_t size, std::size_t with_end, std::string& line);

  Input& input_;
  std::size_t limit_;
  std::string pending_;
  std::size_t scanned_ = 0;
  bool passing_over_ = false;  // the rest of a line that is too long
};

}  // namespace cpws
