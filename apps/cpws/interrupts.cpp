#include "interrupts.hpp"

#include <pthread.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace cpws {
namespace {

constexpr int status_of_ctrl_c = 130;  // as a shell has it: 128 + SIGINT

}  // namespace

Interrupts::Interrupts(int wake) {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);  // the threads to come inherit it
  thread_ = std::thread([this, wake] {
    for (bool asked = false;; asked = true) {
      int signal = 0;
      if (sigwait(&signals_, &signal) != 0 || signal == SIGUSR1) return;
      if (asked) std::_Exit(status_of_ctrl_c);
      stop_.request_stop();
      const std::uint64_t one = 1;
      [[maybe_unused]] const ssize_t written = ::write(wake, &one, sizeof one);
    }
  });
}

Interrupts::~Interrupts() {
  pthread_kill(thread_.native_handle(), SIGUSR1);
  thread_.join();
}

}  // namespace cpws
