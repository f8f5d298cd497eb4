/// The connections of an execution context, which end with it.
#pragma once

#include <asio/execution_context.hpp>
#include <mutex>

namespace cpwebsockets::detail {

class AsyncCore;

/// Asio destroys the handlers that wait in a context when that ends. A handler usually owns its AsyncClient,
/// and so the connection that the handler waits in: without this list nobody would free either. Thread-safe.
class OpenConnections final : public asio::execution_context::service {
 public:
  /// A connection's place in the list; a part of the connection.
  struct Place {
    AsyncCore* core = nullptr;
    Place* previous = nullptr;
    Place* next = nullptr;
  };

  static asio::execution_context::id id;
  explicit OpenConnections(asio::execution_context& context) : service(context) {}

  void add(Place& place) noexcept;
  void remove(Place& place) noexcept;

 private:
  void shutdown() noexcept override;

  std::mutex mutex_;
  Place* first_ = nullptr;
};

}  // namespace cpwebsockets::detail
