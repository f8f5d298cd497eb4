#include "../interrupts.hpp"

#include <windows.h>

#include <atomic>
#include <functional>

namespace cpws {

// The system calls a function in a thread of its own, and gives it nothing to find us by.
struct Interrupts::Signals {
  explicit Signals(std::function<void()> to_call) : request(std::move(to_call)) {
    current = this;
    ::SetConsoleCtrlHandler(&handle, TRUE);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() {
    ::SetConsoleCtrlHandler(&handle, FALSE);
    current = nullptr;
  }

  static BOOL WINAPI handle(DWORD event) {
    if (const Signals* signals = current) signals->request();
    // The window is closed, or the user leaves: the process ends with the return from here.
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) ::Sleep(INFINITE);
    return TRUE;
  }

  static std::atomic<const Signals*> current;
  std::function<void()> request;
};

std::atomic<const Interrupts::Signals*> Interrupts::Signals::current;

Interrupts::Interrupts(const cpwebsockets::transport::WakeUp& wake)
    : wake_(wake), signals_(std::make_unique<Signals>([this] { request(); })) {}

Interrupts::~Interrupts() = default;

}  // namespace cpws
