#include "echo_server.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cpwebsockets/transport/tcp.hpp>
#include <cpwebsockets/transport/tls.hpp>
#include <csignal>
#include <iostream>
#include <memory>

#include "echo_session.hpp"

namespace cpws {
namespace {

namespace transport = cpwebsockets::transport;

constexpr std::chrono::milliseconds tick{250};
constexpr std::chrono::seconds linger{1};

// A listening socket; -1 and a message on stderr when it cannot be had.
int listen_on(const std::string& host, std::uint16_t port, const char* scheme) {
  std::error_code ec;
  const auto addresses =
      transport::resolve(host, port, {transport::Clock::now() + std::chrono::seconds(10), {}}, ec);
  int descriptor = -1;
  if (!ec && !addresses.empty()) {
    transport::Address address = addresses.front();
    descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    socklen_t size = address.size;
    auto* name = reinterpret_cast<sockaddr*>(address.storage.data());
    if (descriptor < 0 || ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(descriptor, name, size) != 0 || ::listen(descriptor, SOMAXCONN) != 0 ||
        ::getsockname(descriptor, name, &size) != 0) {
      ec = {errno, std::system_category()};
    } else {
      std::cout << "Listening on " << scheme << "://" << to_string(address) << "/" << std::endl;
    }
  }
  if (!ec) return descriptor;
  std::cerr << "cpws: cannot listen on " << host << ":" << port << ": " << ec.message() << '\n';
  if (descriptor >= 0) ::close(descriptor);
  return -1;
}

class Server {
 public:
  explicit Server(const ServeOptions& options) : options_(options) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    for (const int descriptor : {plain_, tls_, signals_}) {
      if (descriptor >= 0) ::close(descriptor);
    }
  }

  bool start() {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &stops, nullptr);
    signals_ = ::signalfd(-1, &stops, SFD_CLOEXEC);
    plain_ = listen_on(options_.host, options_.port, "ws");
    if (plain_ < 0 || signals_ < 0) return false;
    return !options_.tls_port || start_tls();
  }

  void run() {
    for (std::vector<pollfd> entries;;) {
      entries.assign({{signals_, POLLIN, 0}, {plain_, POLLIN, 0}, {tls_, POLLIN, 0}});
      if (sessions_.size() >= options_.max_connections) entries[1].fd = entries[2].fd = -1;
      if (!wait_for_sessions(entries)) return;
      if (entries[0].revents != 0) return say_goodbye();
      const bool tick_due = transport::Clock::now() >= next_tick_;
      if (tick_due) next_tick_ = transport::Clock::now() + tick;
      for (std::size_t i = 0; i < sessions_.size(); ++i) {
        if (tick_due || entries[i + 3].revents != 0 || sessions_[i]->wants_step()) sessions_[i]->step();
      }
      std::erase_if(sessions_, [](const auto& session) { return session->finished(); });
      if (entries[1].revents != 0) accept_from(plain_, false);
      if (entries[2].revents != 0) accept_from(tls_, true);
    }
  }

 private:
  // Waits for what `entries` name and for the sessions, which are put behind them. False: the system fails.
  bool wait_for_sessions(std::vector<pollfd>& entries) const {
    int limit = static_cast<int>(tick.count());
    for (const auto& session : sessions_) {
      const int events = (session->wants_read() ? POLLIN : 0) | (session->wants_write() ? POLLOUT : 0);
      entries.push_back({session->handle(), static_cast<short>(events), 0});
      if (session->wants_step()) limit = 0;
    }
    return ::poll(entries.data(), entries.size(), limit) >= 0 || errno == EINTR;
  }

  // A signal came: every client is told, and has a moment to answer.
  void say_goodbye() {
    for (const auto& session : sessions_) session->go_away();
    const auto end = transport::Clock::now() + linger;
    while (transport::Clock::now() < end) {
      std::erase_if(sessions_, [](const auto& session) { return session->finished(); });
      if (sessions_.empty()) return;
      std::vector<pollfd> entries;
      if (!wait_for_sessions(entries)) return;
      for (const auto& session : sessions_) session->step();
    }
  }

  bool start_tls() {
#if CPWEBSOCKETS_TLS
    std::error_code ec;
    context_ = transport::TlsContext::server(options_.certificate_file, options_.key_file, ec);
    if (ec) {
      std::cerr << "cpws: " << options_.certificate_file << ": " << ec.message() << '\n';
      return false;
    }
    tls_ = listen_on(options_.host, *options_.tls_port, "wss");
    return tls_ >= 0;
#else
    std::cerr << "cpws: this build has no TLS\n";
    return false;
#endif
  }

  void accept_from(int listener, bool secure) {
    const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    std::unique_ptr<transport::Stream> stream = std::make_unique<transport::TcpStream>(descriptor);
#if CPWEBSOCKETS_TLS
    std::error_code ec;
    if (secure) stream = transport::TlsStream::server(context_, std::move(stream), ec);
    if (ec) return;
#endif
    sessions_.push_back(std::make_unique<EchoSession>(std::move(stream), secure, options_));
  }

  const ServeOptions& options_;
#if CPWEBSOCKETS_TLS
  std::shared_ptr<transport::TlsContext> context_;
#endif
  int plain_ = -1;
  int tls_ = -1;
  int signals_ = -1;
  transport::Clock::time_point next_tick_;
  std::vector<std::unique_ptr<EchoSession>> sessions_;
};

}  // namespace

int serve(const ServeOptions& options) {
  Server server(options);
  if (!server.start()) return 1;
  server.run();
  return 0;
}

}  // namespace cpws
