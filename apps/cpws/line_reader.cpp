#include "line_reader.hpp"

#include <algorithm>

namespace cpws {

LineReader::LineReader(Input& input) noexcept
    : input_(input), limit_(std::min(longest_line, Input::longest_line())) {}

LineReader::Result LineReader::next(std::string& line) {
  for (;;) {
    if (const std::size_t end = pending_.find('\n', scanned_); end != std::string::npos)
      return take(end, end + 1, line);
    scanned_ = pending_.size();
    if (pending_.size() > limit_) {
      passing_over_ = true;
      pending_.clear();
      scanned_ = 0;
    }
    const Input::Result result = input_.read(pending_);
    if (result == Input::Result::bytes) continue;
    if (result == Input::Result::woken || input_.error() || (pending_.empty() && !passing_over_))
      return Result::end;
    return take(pending_.size(), pending_.size(), line);
  }
}

LineReader::Result LineReader::take(std::size_t size, std::size_t with_end, std::string& line) {
  const bool fits = !passing_over_ && size <= limit_;
  if (fits) line.assign(pending_, 0, size);
  pending_.erase(0, with_end);
  scanned_ = 0;
  passing_over_ = false;
  return fits ? Result::line : Result::too_long;
}

}  // namespace cpws
