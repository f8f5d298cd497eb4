#include "look_up.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

namespace cpwebsockets::detail {

asio::execution_context::id LookUps::id;

std::stop_source LookUps::start(const asio::any_io_executor& executor, std::string host, std::uint16_t port,
                                transport::Clock::time_point until, Done done) {
  const std::lock_guard lock(mutex_);
  jobs_.remove_if([](const Job& job) { return job.is_over; });
  Job& job = jobs_.emplace_back();
  job.thread = std::jthread([this, &job, work = asio::make_work_guard(executor), host = std::move(host), port,
                             until, done = std::move(done)](const std::stop_token& stop) mutable {
    std::error_code ec;
    std::vector<transport::Address> addresses;
    try {
      addresses = transport::resolve(host, port, {until, stop}, ec);
    } catch (const std::bad_alloc&) {
      ec = std::make_error_code(std::errc::not_enough_memory);
    }
    asio::post(work.get_executor(), [done = std::move(done), ec, addresses = std::move(addresses)]() mutable {
      done(ec, std::move(addresses));
    });
    const std::lock_guard over(mutex_);
    job.is_over = true;
  });
  return job.thread.get_stop_source();
}

void LookUps::shutdown() noexcept {
  std::list<Job> jobs;
  {
    const std::lock_guard lock(mutex_);
    for (Job& job : jobs_) job.thread.request_stop();
  }
  for (Job& job : jobs_) job.thread.join();
  jobs_.clear();
}

}  // namespace cpwebsockets::detail
