#include "../thread.hpp"

#include <thread>

namespace cpwebsockets::transport {

std::error_code start_detached_thread(void (*run)(void*), std::shared_ptr<void> job) noexcept try {
  std::thread([run, job = std::move(job)] { run(job.get()); }).detach();
  return {};
} catch (const std::system_error& error) {
  return error.code();
} catch (const std::bad_alloc&) {
  return std::make_error_code(std::errc::not_enough_memory);
}

}  // namespace cpwebsockets::transport
