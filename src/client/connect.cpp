// From a URL to an open connection: resolve, connect, TLS, opening handshake. Each step names itself when it
// fails.
#include <algorithm>
#include <new>
#include <vector>

#include "../session/shown_url.hpp"
#include "client_core.hpp"
#include "cpwebsockets/transport/tcp.hpp"
#include "cpwebsockets/transport/tls.hpp"

namespace cpwebsockets {
void ClientCore::fail(Step step, std::error_code code, const std::string& about) {
  session_.story().fail(step, code, about);
  stream_.reset();
}

void ClientCore::connect(std::string_view url, const Wait& wait, std::error_code& ec) noexcept {
  try {
    try_connect(url, wait);
  } catch (const std::bad_alloc&) {
    const Lock lock(mutex_);
    session_.story().fail(Step::connect, std::make_error_code(std::errc::not_enough_memory));
    if (stream_) drop_stream();
  }
  ec = session_.story().code();
}

void ClientCore::try_connect(std::string_view text, const Wait& wait) {
  protocol::Url url;
  if (const protocol::Error error = protocol::parse_url(text, url); error != protocol::Error::none) {
    fail(Step::url, error, without_secrets(text));
  } else if (!session_.has_buffers()) {
    fail(Step::connect, std::make_error_code(std::errc::not_enough_memory), "the buffers' sizes");
  } else {
    Deadline deadline = deadline_for(wait, session_.options().connect_timeout);
    if (!open_stream(url, deadline)) return;
    // The core's handshake_timeout bounds this step, unless the caller set a limit for the whole call.
    if (!wait.timeout) deadline.at = transport::Clock::time_point::max();
    open(std::move(stream_), url, deadline);
  }
}

bool ClientCore::open_stream(const protocol::Url& url, const Deadline& deadline) {
  const std::string host(url.host);
  std::error_code ec;
  const std::vector<transport::Address> addresses = transport::resolve(host, url.port, deadline, ec);
  if (ec) {
    fail(Step::resolve, ec, host);
    return false;
  }
  std::unique_ptr<transport::TcpStream> tcp = transport::connect_tcp(addresses, deadline, ec);
  if (ec) {
    fail(Step::connect, ec,
         addresses.size() == 1 ? transport::to_string(addresses.front())
                               : host + ":" + std::to_string(url.port));
    return false;
  }
  stream_ = std::move(tcp);
  return !url.secure || secure_stream(host, url.port, deadline);
}

bool ClientCore::secure_stream(const std::string& host, std::uint16_t port, const Deadline& deadline) {
#if CPWEBSOCKETS_TLS
  const std::string& name =
      session_.options().tls.server_name.empty() ? host : session_.options().tls.server_name;
  std::error_code ec;
  std::string about;
  std::shared_ptr<transport::TlsContext> context = session_.options().tls_context;
  if (context == nullptr) context = transport::TlsContext::shared_client(session_.options().tls, ec, &about);
  std::unique_ptr<transport::TlsStream> tls;
  if (!ec) {
    const std::string peer = name + ":" + std::to_string(port);
    tls = transport::TlsStream::client(std::move(context), std::move(stream_), name, peer, ec);
  }
  if (ec) {
    fail(Step::tls, ec, about.empty() ? name : about);
    return false;
  }
  for (;;) {
    const transport::IoResult result = tls->handshake();
    if (result.status == transport::IoStatus::ok) break;
    ec = result.error;
    if (!ec) {
      const auto events =
          result.status == transport::IoStatus::want_write ? transport::Ready::write : transport::Ready::read;
      ec = transport::wait_for(tls->handle(), events, deadline);
    }
    if (ec) {
      fail(Step::tls, ec, tls->detail().empty() ? name : name + ": " + std::string(tls->detail()));
      return false;
    }
  }
  stream_ = std::move(tls);
  return true;
#else
  static_cast<void>(port);
  static_cast<void>(deadline);
  fail(Step::tls, transport::make_error_code(transport::TlsError::unsupported), host);
  return false;
#endif
}

void ClientCore::open(std::unique_ptr<transport::Stream> stream, const protocol::Url& url,
                      const Deadline& deadline) {
  Lock lock(mutex_);
  stream_ = std::move(stream);
  stream_ended_ = false;
  process_ = transport::process_id();
  last_look_ = last_time_ = now();
  std::error_code ec;
  if (session_.open(url, last_time_)) {
    bool has_read = false;
    while (session_.await_opening() != Next::done) {
      if ((has_read && is_over(deadline, ec)) || !read_once(lock, ReadInto::buffer, deadline, ec)) {
        session_.story().fail(Step::handshake, ec);
        drop_stream();
        return;
      }
      has_read = true;
    }
  }
  if (session_.has_ended()) end_stream(lock, deadline);
}

Client connect(std::string_view url, const Options& options, const Wait& wait, std::error_code& ec) {
  ec.clear();
  try {
    auto core = std::make_unique<ClientCore>(options);
    core->connect(url, wait, ec);
    return Client(std::move(core));
  } catch (const std::bad_alloc&) {
    ec = std::make_error_code(std::errc::not_enough_memory);
    return {};
  }
}

}  // namespace cpwebsockets
