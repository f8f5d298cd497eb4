#include "interrupts.hpp"

#include <cstdlib>

namespace cpws {
namespace {

constexpr int status_of_ctrl_c = 130;  // as a shell has it: 128 + SIGINT

}  // namespace

void Interrupts::request() noexcept {
  if (!stop_.request_stop()) std::_Exit(status_of_ctrl_c);
  wake_.signal();
}

}  // namespace cpws
