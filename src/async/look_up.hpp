/// Names to addresses beside the threads that run the execution context.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/execution_context.hpp>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cpwebsockets/transport/tcp.hpp"

namespace cpwebsockets::detail {

/// getaddrinfo(3) waits, so a name (not an address) takes a thread as long as it is looked up. Of those a
/// process has few: see transport::resolve(). The end of the context stops them.
class LookUps final : public asio::execution_context::service {
 public:
  using Done = std::function<void(std::error_code, std::vector<transport::Address>)>;

  static asio::execution_context::id id;
  explicit LookUps(asio::execution_context& context) : service(context) {}

  /// Calls `done` on `executor`. The result is the means to give up.
  [[nodiscard]] std::stop_source start(const asio::any_io_executor& executor, std::string host,
                                       std::uint16_t port, transport::Clock::time_point until, Done done);

 private:
  struct Job {
    std::jthread thread;
    bool is_over = false;
  };
  void shutdown() noexcept override;

  std::mutex mutex_;
  std::list<Job> jobs_;
};

}  // namespace cpwebsockets::detail
