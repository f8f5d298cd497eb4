#pragma once

#include <cstddef>
#include <string>
#include <system_error>

namespace cpws {

/// Lines from a descriptor, without blocking past the moment when another one becomes readable.
class LineReader {
 public:
  enum class Result {
    line,      ///< `line` has it, without its end
    too_long,  ///< it is longer than longest_line, or as long as a terminal cuts lines: it is passed over
    end,       ///< of the input, or woken, or error() says what
  };

  static constexpr std::size_t longest_line = 64U << 20;  // bytes: beyond that the input is not lines

  LineReader(int input, int wake) noexcept;
  Result next(std::string& line);
  [[nodiscard]] const std::error_code& error() const noexcept { return error_; }
  /// Bytes of the longest line that next() gives.
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

 private:
  bool fill();
  Result take(std::size_t size, std::size_t with_end, std::string& line);

  int input_;
  int wake_;
  std::size_t limit_;
  std::string pending_;
  std::size_t scanned_ = 0;
  bool passing_over_ = false;  // the rest of a line that is too long
  bool woken_ = false;
  std::error_code error_;
};

}  // namespace cpws
