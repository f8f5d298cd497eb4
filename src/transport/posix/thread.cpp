#include "../thread.hpp"

#include <pthread.h>

#include <new>

namespace cpwebsockets::transport {
namespace {

struct Start {
  void (*run)(void*);
  std::shared_ptr<void> job;
};

extern "C" void* run_start(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  start->run(start->job.get());
  return nullptr;
}

}  // namespace

std::error_code start_detached_thread(void (*run)(void*), std::shared_ptr<void> job) noexcept {
  std::unique_ptr<Start> start(new (std::nothrow) Start{run, std::move(job)});
  if (start == nullptr) return std::make_error_code(std::errc::not_enough_memory);
  pthread_t thread;
  if (const int status = ::pthread_create(&thread, nullptr, &run_start, start.get()); status != 0) {
    return {status, std::system_category()};
  }
  static_cast<void>(start.release());  // the thread has it now
  ::pthread_detach(thread);
  return {};
}

}  // namespace cpwebsockets::transport
