#pragma once

#include <memory>
#include <stop_token>

#include "transport/wake_up.hpp"

namespace cpws {

/// Ctrl-C and SIGTERM: the first one asks the program to end, the second one ends it at once, with status
/// 130. Make it before other threads, and one at a time.
class Interrupts {
 public:
  /// Each request also signals `wake`.
  explicit Interrupts(const cpwebsockets::transport::WakeUp& wake);
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

 private:
  struct Signals;  // what the system has
  void request() noexcept;

  const cpwebsockets::transport::WakeUp& wake_;
  std::stop_source stop_;
  std::unique_ptr<Signals> signals_;
};

}  // namespace cpws
