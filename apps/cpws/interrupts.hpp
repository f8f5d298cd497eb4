#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace cpws {

/// Ctrl-C and SIGTERM: the first one asks the program to end, the second one ends it at once, with status
/// 130. Make it before other threads.
class Interrupts {
 public:
  /// Each request also makes `wake`, an eventfd, readable.
  explicit Interrupts(int wake);
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

 private:
  sigset_t signals_;
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace cpws
