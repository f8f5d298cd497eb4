#include "../interrupts.hpp"

#include <pthread.h>

#include <csignal>
#include <thread>

namespace cpws {

struct Interrupts::Signals {
  sigset_t set;
  std::thread thread;
};

Interrupts::Interrupts(const cpwebsockets::transport::WakeUp& wake)
    : wake_(wake), signals_(std::make_unique<Signals>()) {
  sigemptyset(&signals_->set);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals_->set, signal);
  pthread_sigmask(SIG_BLOCK, &signals_->set, nullptr);  // the threads to come inherit it
  signals_->thread = std::thread([this] {
    for (int signal = 0; sigwait(&signals_->set, &signal) == 0 && signal != SIGUSR1;) request();
  });
}

Interrupts::~Interrupts() {
  pthread_kill(signals_->thread.native_handle(), SIGUSR1);
  signals_->thread.join();
}

}  // namespace cpws
