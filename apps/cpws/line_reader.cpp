#include "line_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace cpws {
namespace {

// A terminal that edits lines keeps no more of one than this, and says nothing (N_TTY_BUF_SIZE of Linux, less
// its end).
constexpr std::size_t longest_terminal_line = 4094;

}  // namespace

LineReader::LineReader(int input, int wake) noexcept
    : input_(input), wake_(wake), limit_(::isatty(input) != 0 ? longest_terminal_line : longest_line) {}

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
    if (fill()) continue;
    if (woken_ || error_ || (pending_.empty() && !passing_over_)) return Result::end;
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

bool LineReader::fill() {
  pollfd entries[] = {{input_, POLLIN, 0}, {wake_, POLLIN, 0}};
  while (::poll(entries, 2, -1) < 0) {
    if (errno != EINTR) return false;
  }
  woken_ = entries[1].revents != 0;
  if (woken_) return false;
  char block[65536];
  const ssize_t size = ::read(input_, block, sizeof block);
  if (size > 0) pending_.append(block, static_cast<std::size_t>(size));
  if (size < 0) error_ = {errno, std::system_category()};
  return size > 0;
}

}  // namespace cpws
