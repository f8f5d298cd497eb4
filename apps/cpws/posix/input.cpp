#include "../input.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "../standard_streams.hpp"

namespace cpws {

struct Input::Source {
  int wake;
};

const char* const Input::keys_that_end_it = "Ctrl-D";

Input::Input(const cpwebsockets::transport::WakeUp& wake)
    : source_(std::make_unique<Source>(Source{wake.handle()})) {}

Input::~Input() = default;

Input::Result Input::read(std::string& bytes) {
  pollfd entries[] = {{STDIN_FILENO, POLLIN, 0}, {source_->wake, POLLIN, 0}};
  while (::poll(entries, 2, -1) < 0) {
    if (errno != EINTR) return Result::end;
  }
  if (entries[1].revents != 0) return Result::woken;
  char block[65536];
  const ssize_t size = ::read(STDIN_FILENO, block, sizeof block);
  if (size < 0) error_ = {errno, std::system_category()};
  if (size <= 0) return Result::end;
  bytes.append(block, static_cast<std::size_t>(size));
  return Result::bytes;
}

std::size_t Input::longest_line() noexcept {
  constexpr std::size_t of_a_terminal = 4094;  // N_TTY_BUF_SIZE of Linux, less its end
  return stdin_is_terminal() ? of_a_terminal : std::numeric_limits<std::size_t>::max();
}

}  // namespace cpws
