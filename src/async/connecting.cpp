#include "connecting.hpp"

#include <asio/ip/address.hpp>

#include "../transport/socket.hpp"
#include "async_core.hpp"
#include "cpwebsockets/transport/tls.hpp"

namespace cpwebsockets::detail {
namespace {

constexpr std::chrono::milliseconds attempt_delay{250};  // RFC 8305 §5
constexpr std::size_t max_attempts = 8;                  // side by side

bool is_address(const std::string& host) {
  std::error_code ec;
  asio::ip::make_address(host, ec);
  return !ec || host.find(':') != std::string::npos;
}

}  // namespace

Connecting::Connecting(const std::shared_ptr<AsyncCore>& core, std::string host, std::uint16_t port)
    : core_(core), host_(std::move(host)), port_(port), delay_(core->executor()) {
  attempts_.reserve(max_attempts);
}

Connecting::~Connecting() {
  look_up_.request_stop();
  while (!attempts_.empty()) drop(attempts_.back()->native_handle());
}

std::string Connecting::about() const {
  if (!has_addresses_) return host_;
  return addresses_.size() == 1 ? transport::to_string(addresses_.front())
                                : host_ + ":" + std::to_string(port_);
}

void Connecting::start(transport::Clock::time_point until) {
  const std::shared_ptr<AsyncCore> core = core_.lock();
  if (is_address(host_)) {
    std::error_code ec;
    std::vector<transport::Address> addresses = transport::resolve(host_, port_, {until, {}}, ec);
    return on_addresses(ec, std::move(addresses));
  }
  auto& context = asio::query(core->executor(), asio::execution::context);
  look_up_ = asio::use_service<LookUps>(context).start(
      core->executor(), host_, port_, until,
      [core](std::error_code ec, std::vector<transport::Address> addresses) {
        if (core->connecting_ == nullptr) return;
        core->connecting_->on_addresses(ec, std::move(addresses));
        core->run(Delivery::dispatch);
      });
}

void Connecting::on_addresses(std::error_code ec, std::vector<transport::Address> addresses) {
  const std::shared_ptr<AsyncCore> core = core_.lock();
  if (!core) return;
  if (ec) return core->fail(Step::resolve, ec, host_);
  has_addresses_ = true;
  addresses_ = std::move(addresses);
  start_next();
}

// Starts attempts until one is on its way; without any the connection has failed.
void Connecting::start_next() {
  const std::size_t before = attempts_.size() == max_attempts ? max_attempts - 1 : attempts_.size();
  if (attempts_.size() == max_attempts && next_ < addresses_.size()) {
    last_error_ = std::make_error_code(std::errc::timed_out);
    drop(attempts_.front()->native_handle());
  }
  while (attempts_.size() == before && next_ < addresses_.size()) start_attempt(addresses_[next_++]);
  const std::shared_ptr<AsyncCore> core = core_.lock();
  if (attempts_.empty()) {
    if (!last_error_) last_error_ = std::make_error_code(std::errc::address_not_available);
    return core->fail(Step::connect, last_error_, about());
  }
  if (next_ == addresses_.size()) return;
  delay_.expires_after(attempt_delay);
  delay_.async_wait([core](const std::error_code& ec) {
    if (ec || core->connecting_ == nullptr) return;
    core->connecting_->start_next();
    core->run(Delivery::dispatch);
  });
}

void Connecting::start_attempt(const transport::Address& address) {
  const transport::Handle handle = transport::open_socket(address.family(), last_error_);
  if (handle == transport::no_handle) return;
  const std::shared_ptr<AsyncCore> core = core_.lock();
  auto socket = std::make_unique<Socket>(core->executor());
  last_error_ = transport::start_connect(handle, address);
  if (!last_error_) socket->assign(asio::ip::tcp::v4(), handle, last_error_);
  if (last_error_) return transport::close_socket(handle);
  attempts_.push_back(std::move(socket));
  attempts_.back()->async_wait(Socket::wait_write, [core, handle](const std::error_code& ec) {
    if (ec == asio::error::operation_aborted || core->connecting_ == nullptr) return;
    core->connecting_->on_attempt(handle);
    core->run(Delivery::dispatch);
  });
}

void Connecting::on_attempt(transport::Handle handle) {
  const std::error_code ec = transport::pending_error(handle);
  for (auto attempt = attempts_.begin(); attempt != attempts_.end(); ++attempt) {
    if ((*attempt)->native_handle() != handle) continue;
    std::error_code ignored;
    (*attempt)->release(ignored);
    attempts_.erase(attempt);
    if (!ec) return core_.lock()->on_connected(std::make_unique<transport::TcpStream>(handle));
    transport::close_socket(handle);
    last_error_ = ec;
    return start_next();
  }
}

void Connecting::drop(transport::Handle handle) noexcept {
  for (auto attempt = attempts_.begin(); attempt != attempts_.end(); ++attempt) {
    if ((*attempt)->native_handle() != handle) continue;
    std::error_code ignored;
    (*attempt)->close(ignored);
    attempts_.erase(attempt);
    return;
  }
}

// --- The steps behind it ---

void AsyncCore::on_connected(std::unique_ptr<transport::TcpStream> stream) {
  stream_ = std::move(stream);
  waiter_.emplace(executor_);
  std::error_code ec;
  waiter_->assign(asio::ip::tcp::v4(), stream_->handle(), ec);
  if (ec) return fail(Step::connect, ec, connecting_->about());
  if (is_secure_) {
    secure();
  } else {
    begin_opening();
  }
}

void AsyncCore::secure() {
#if CPWEBSOCKETS_TLS
  const Options& options = session_.options();
  const std::string& name = options.tls.server_name.empty() ? connecting_->host() : options.tls.server_name;
  std::error_code ec;
  std::string about;
  std::shared_ptr<transport::TlsContext> context = options.tls_context;
  if (context == nullptr) context = transport::TlsContext::shared_client(options.tls, ec, &about);
  if (!ec) {
    stream_ = transport::TlsStream::client(std::move(context), std::move(stream_), name,
                                           name + ":" + std::to_string(connecting_->port()), ec);
  }
  if (ec) return fail(Step::tls, ec, about.empty() ? name : about);
  phase_ = Phase::securing;
  may_read_ = may_write_ = true;
#else
  fail(Step::tls, transport::make_error_code(transport::TlsError::unsupported), connecting_->host());
#endif
}

// True when something has changed.
bool AsyncCore::advance_securing() {
#if CPWEBSOCKETS_TLS
  auto& tls = static_cast<transport::TlsStream&>(*stream_);
  const transport::IoResult result = tls.handshake();
  may_read_ = result.status != transport::IoStatus::want_read;
  may_write_ = result.status != transport::IoStatus::want_write;
  if (!may_read_ || !may_write_) return false;
  if (result.status == transport::IoStatus::ok) {
    begin_opening();
  } else {
    const std::string& set = session_.options().tls.server_name;
    const std::string name = set.empty() ? connecting_->host() : set;
    fail(Step::tls, result.error, tls.detail().empty() ? name : name + ": " + std::string(tls.detail()));
  }
  return true;
#else
  return false;
#endif
}

}  // namespace cpwebsockets::detail
