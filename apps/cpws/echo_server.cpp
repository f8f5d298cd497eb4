#include "echo_server.hpp"

#include <cpwebsockets/transport/listener.hpp>
#include <cpwebsockets/transport/tcp.hpp>
#include <cpwebsockets/transport/tls.hpp>
#include <iostream>
#include <memory>

#include "echo_session.hpp"
#include "interrupts.hpp"
#include "transport/wake_up.hpp"
#include "wait_for_many.hpp"

namespace cpws {
namespace {

namespace transport = cpwebsockets::transport;
using transport::Ready;

constexpr std::chrono::milliseconds tick{250};
constexpr std::chrono::seconds linger{1};

// Null and a message on stderr when it cannot be had.
std::unique_ptr<transport::TcpListener> listen_on(const std::string& host, std::uint16_t port,
                                                  const char* scheme) {
  std::error_code ec;
  const auto addresses =
      transport::resolve(host, port, {transport::Clock::now() + std::chrono::seconds(10), {}}, ec);
  std::unique_ptr<transport::TcpListener> listener;
  if (!addresses.empty()) listener = transport::TcpListener::open(addresses.front(), ec);
  if (listener)
    std::cout << "Listening on " << scheme << "://" << to_string(listener->address()) << "/" << std::endl;
  else
    std::cerr << "cpws: cannot listen on " << host << ":" << port << ": " << ec.message() << '\n';
  return listener;
}

transport::Handle handle_of(const std::unique_ptr<transport::TcpListener>& listener) {
  return listener ? listener->handle() : transport::no_handle;
}

class Server {
 public:
  // `stop` is signalled when the server is to end.
  Server(const ServeOptions& options, const transport::WakeUp& stop) : options_(options), stop_(stop) {}

  bool start() {
    plain_ = listen_on(options_.host, options_.port, "ws");
    return plain_ && (!options_.tls_port || start_tls());
  }

  void run() {
    for (std::vector<transport::WaitEntry> entries;;) {
      entries = {
          {stop_.handle(), Ready::read}, {handle_of(plain_), Ready::read}, {handle_of(tls_), Ready::read}};
      if (sessions_.size() >= options_.max_connections)
        entries[1].handle = entries[2].handle = transport::no_handle;
      if (!wait_for_sessions(entries)) return;
      if (entries[0].ready != Ready::none) return say_goodbye();
      const bool tick_due = transport::Clock::now() >= next_tick_;
      if (tick_due) next_tick_ = transport::Clock::now() + tick;
      for (std::size_t i = 0; i < sessions_.size(); ++i) {
        if (tick_due || entries[i + 3].ready != Ready::none || sessions_[i]->wants_step())
          sessions_[i]->step();
      }
      std::erase_if(sessions_, [](const auto& session) { return session->finished(); });
      if (entries[1].ready != Ready::none) accept_from(*plain_, false);
      if (entries[2].ready != Ready::none) accept_from(*tls_, true);
    }
  }

 private:
  // Waits for what `entries` name and for the sessions, which are put behind them. False: the system fails.
  bool wait_for_sessions(std::vector<transport::WaitEntry>& entries) const {
    int limit = static_cast<int>(tick.count());
    for (const auto& session : sessions_) {
      entries.push_back({session->handle(), (session->wants_read() ? Ready::read : Ready::none) |
                                                (session->wants_write() ? Ready::write : Ready::none)});
      if (session->wants_step()) limit = 0;
    }
    return wait_for_many(entries, limit);
  }

  // Every client is told, and has a moment to answer.
  void say_goodbye() {
    for (const auto& session : sessions_) session->go_away();
    const auto end = transport::Clock::now() + linger;
    while (transport::Clock::now() < end) {
      std::erase_if(sessions_, [](const auto& session) { return session->finished(); });
      if (sessions_.empty()) return;
      std::vector<transport::WaitEntry> entries;
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
    return tls_ != nullptr;
#else
    std::cerr << "cpws: this build has no TLS\n";
    return false;
#endif
  }

  void accept_from(transport::TcpListener& listener, bool secure) {
    std::unique_ptr<transport::Stream> stream = listener.accept();
    if (!stream) return;
#if CPWEBSOCKETS_TLS
    std::error_code ec;
    if (secure) stream = transport::TlsStream::server(context_, std::move(stream), ec);
    if (ec) return;
#endif
    sessions_.push_back(std::make_unique<EchoSession>(std::move(stream), secure, options_));
  }

  const ServeOptions& options_;
  const transport::WakeUp& stop_;
#if CPWEBSOCKETS_TLS
  std::shared_ptr<transport::TlsContext> context_;
#endif
  std::unique_ptr<transport::TcpListener> plain_;
  std::unique_ptr<transport::TcpListener> tls_;
  transport::Clock::time_point next_tick_;
  std::vector<std::unique_ptr<EchoSession>> sessions_;
};

}  // namespace

int serve(const ServeOptions& options) {
  const transport::WakeUp stop;
  const Interrupts interrupts(stop);
  Server server(options, stop);
  if (!server.start()) return 1;
  server.run();
  return 0;
}

}  // namespace cpws
