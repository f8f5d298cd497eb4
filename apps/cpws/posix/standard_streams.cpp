#include "../standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace cpws {

// Where a stream is closed, opens something there that fails when it is used: else the next descriptor, the
// connection's socket, would take its place.
void prepare_standard_streams() noexcept {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    // The wrong way round, so that reading or writing says EBADF as if it were still closed. open() gives the
    // lowest descriptor that is free, which is this one.
    if (::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) ::_exit(1);
  }
}

bool stdin_is_terminal() noexcept {
  return ::isatty(STDIN_FILENO) != 0;
}

bool stdout_is_terminal() noexcept {
  return ::isatty(STDOUT_FILENO) != 0;
}

std::vector<std::string> arguments_of(int argc, char** argv) {
  return {argv + 1, argv + argc};
}

}  // namespace cpws
