#include "cpwebsockets/async_client.hpp"

#include "async_core.hpp"

namespace cpwebsockets {
namespace detail {

std::shared_ptr<AsyncCore> make_async_core(const asio::any_io_executor& executor, const Options& options) {
  return std::make_shared<AsyncCore>(executor, options);
}

const asio::any_io_executor& executor_of(const AsyncCore& core) noexcept {
  return core.executor();
}

void start_connecting(const std::shared_ptr<AsyncCore>& core, std::string_view url,
                      AsyncOperation* operation) {
  core->connect(url, operation);
}

void start(const std::shared_ptr<AsyncCore>& core, AsyncOperation* operation) {
  core->start(operation);
}

void cancel(const std::shared_ptr<AsyncCore>& core, AsyncOperation* operation, asio::cancellation_type type) {
  core->cancel(operation, type);
}

}  // namespace detail

AsyncClient& AsyncClient::operator=(AsyncClient&& other) noexcept {
  if (this == &other) return *this;
  if (core_) core_->abandon();
  core_ = std::move(other.core_);
  return *this;
}

AsyncClient::~AsyncClient() {
  if (core_) core_->abandon();
}

AsyncClient::executor_type AsyncClient::get_executor() const noexcept {
  return core_ ? core_->executor() : executor_type();
}

std::optional<MessageView> AsyncClient::take_ready() noexcept {
  return core_->take_ready();
}

bool AsyncClient::is_open() const noexcept {
  return core_ && core_->session().is_open();
}
std::size_t AsyncClient::pending_bytes() const noexcept {
  return core_ ? core_->pending_bytes() : 0;
}
std::string AsyncClient::subprotocol() const {
  return core_ ? core_->session().subprotocol() : std::string();
}
std::string AsyncClient::extensions() const {
  return core_ ? core_->session().extensions() : std::string();
}
CloseInfo AsyncClient::close_info() const noexcept {
  return core_ ? core_->session().close_info() : CloseInfo{};
}
Failure AsyncClient::failure() const {
  return core_ ? core_->session().story().failure() : Failure{};
}
Failure AsyncClient::failure(std::error_code ec) const {
  if (core_) return core_->session().story().explain(ec);
  Failure failure;
  failure.code = ec;
  failure.sentence = ec.message();
  return failure;
}
std::chrono::microseconds AsyncClient::round_trip() const noexcept {
  return core_ ? core_->session().round_trip() : std::chrono::microseconds{0};
}

}  // namespace cpwebsockets
