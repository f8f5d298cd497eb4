#include "echo_server.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cpwebsockets/protocol/connection.hpp>
#include <cpwebsockets/transport/random.hpp>
#include <cpwebsockets/transport/tcp.hpp>
#include <cpwebsockets/transport/tls.hpp>
#include <csignal>
#include <iostream>
#include <memory>

#if CPWEBSOCKETS_DEFLATE
#include <cpwebsockets/protocol/permessage_deflate.hpp>
#endif

namespace cpws {
namespace {

namespace protocol = cpwebsockets::protocol;
namespace transport = cpwebsockets::transport;
using transport::IoStatus;

constexpr std::size_t receive_size = 16U << 10;
constexpr std::size_t send_size = 64U << 10;  // an echoed piece fits, compressed or not
constexpr std::chrono::milliseconds tick{250};
constexpr std::chrono::seconds linger{1};

bool fill_random(void*, std::span<std::byte> out) noexcept {
  return transport::system_random(out);
}

protocol::Time now() {
  return protocol::Time(
      std::chrono::duration_cast<protocol::Duration>(transport::Clock::now().time_since_epoch()));
}

// One client: a stream, a connection in the server's role, and the piece that waits to be echoed.
class Session {
 public:
  Session(std::unique_ptr<transport::Stream> stream, bool handshakes_tls, const ServeOptions& options)
      : options_(options), stream_(std::move(stream)), tls_pending_(handshakes_tls), connection_(config()) {
    connection_.poll(now());
    static_cast<void>(connection_.listen());
  }

  [[nodiscard]] int descriptor() const { return stream_->handle(); }
  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] short events() const {
    const bool reads = !echo_waits_ || ended_;
    return static_cast<short>((reads ? POLLIN : 0) | (wants_write_ ? POLLOUT : 0));
  }

  /// Says goodbye: the server stops (RFC 6455 §7.4.1).
  void go_away() {
    if (connection_.close(protocol::CloseCode::going_away) != protocol::Result::accepted) finished_ = true;
    step();
  }

  void step() {
    connection_.poll(now());
    wants_write_ = false;
    if (tls_pending_ && !shake_hands()) return;
    for (bool progress = true; progress && !finished_;) {
      handle_events();
      progress = flush();
      if (ended_) {
        finish();
        return;
      }
      progress = read() || (progress && echo_waits_);
    }
  }

 private:
  protocol::Config config() {
    protocol::Config config;
    config.receive_buffer = {buffer_.get(), receive_size};
    config.send_buffer = {buffer_.get() + receive_size, send_size};
    config.random = {&fill_random, nullptr};
    config.max_message_size = ~std::uint64_t{0};
#if CPWEBSOCKETS_DEFLATE
    if (options_.compress) {
      arena_.reset(new std::byte[protocol::PermessageDeflate::arena_size({}, receive_size)]);
      config.extension = &deflate_.emplace(
          protocol::DeflateOptions{},
          std::span(arena_.get(), protocol::PermessageDeflate::arena_size({}, receive_size)));
    }
#endif
    return config;
  }

  bool shake_hands() {
#if CPWEBSOCKETS_TLS
    const transport::IoResult result = static_cast<transport::TlsStream&>(*stream_).handshake();
    tls_pending_ = result.status != IoStatus::ok;
    wants_write_ = result.status == IoStatus::want_write;
    finished_ = result.status == IoStatus::error || connection_.state() == protocol::State::closed;
#endif
    return !tls_pending_;
  }

  void handle_events() {
    while (!ended_ && (!echo_waits_ || echo(part_))) {
      const protocol::Event event = connection_.next_event();
      if (std::holds_alternative<std::monostate>(event)) return;
      if (const auto* requested = std::get_if<protocol::Requested>(&event)) {
        protocol::Acceptance acceptance;
        acceptance.subprotocol = choose(requested->subprotocols);
        if (connection_.accept(acceptance) != protocol::Result::accepted) finished_ = true;
      } else if (const auto* part = std::get_if<protocol::MessagePart>(&event)) {
        part_ = *part;
        echo_waits_ = true;
        message_begun_ = message_begun_ && !part_.first;
      } else if (std::holds_alternative<protocol::Closed>(event)) {
        ended_ = true;
        end_at_ = transport::Clock::now() + linger;
      }
    }
  }

  // The client's first choice among ours.
  std::string_view choose(std::string_view offered) const {
    while (!offered.empty()) {
      const std::size_t comma = std::min(offered.find(','), offered.size());
      std::string_view name = offered.substr(0, comma);
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      const auto found = std::find(options_.subprotocols.begin(), options_.subprotocols.end(), name);
      if (found != options_.subprotocols.end()) return *found;
      offered.remove_prefix(std::min(comma + 1, offered.size()));
    }
    return {};
  }

  // True when the piece was taken, or can never be (the connection is closing).
  bool echo(const protocol::MessagePart& part) {
    protocol::Result result;
    if (part.first && part.last) {
      result = connection_.send(part.opcode, part.bytes);
    } else {
      if (part.first && !message_begun_) {
        message_begun_ = connection_.begin_message(part.opcode) == protocol::Result::accepted;
      }
      result = part.last ? connection_.finish(part.bytes) : connection_.append(part.bytes);
    }
    echo_waits_ = result == protocol::Result::would_block;
    return !echo_waits_;
  }

  bool flush() {
    while (!connection_.to_send().empty()) {
      const transport::IoResult result = stream_->write(connection_.to_send());
      if (result.status != IoStatus::ok) {
        wants_write_ = result.status == IoStatus::want_write;
        finished_ = result.status == IoStatus::error;
        return false;
      }
      connection_.sent(result.size);
    }
    return true;
  }

  // True when bytes came that may be worth handling.
  bool read() {
    if (echo_waits_) return false;
    const std::span<std::byte> space = connection_.receive_space();
    if (space.empty()) return false;
    const transport::IoResult result = stream_->read(space);
    if (result.status == IoStatus::ok) connection_.received(result.size);
    if (result.status == IoStatus::eof || result.status == IoStatus::error) connection_.received_eof();
    wants_write_ = wants_write_ || result.status == IoStatus::want_write;
    const bool came =
        result.status == IoStatus::ok || result.status == IoStatus::eof || result.status == IoStatus::error;
    if (came) connection_.poll(now());
    return came;
  }

  // Half-closes and reads on for a moment, so that no reset overtakes what was sent.
  void finish() {
    if (!connection_.to_send().empty() && transport::Clock::now() < end_at_) return;
    if (!half_closed_) {
      stream_->shutdown_write();
      half_closed_ = true;
    }
    std::array<std::byte, 4096> discarded;
    transport::IoResult result;
    do {
      result = stream_->read(discarded);
    } while (result.status == IoStatus::ok && transport::Clock::now() < end_at_);
    finished_ = result.status == IoStatus::eof || result.status == IoStatus::error ||
                transport::Clock::now() >= end_at_;
  }

  const ServeOptions& options_;
  std::unique_ptr<std::byte[]> buffer_{new std::byte[receive_size + send_size]};
#if CPWEBSOCKETS_DEFLATE
  std::unique_ptr<std::byte[]> arena_;
  std::optional<protocol::PermessageDeflate> deflate_;
#endif
  std::unique_ptr<transport::Stream> stream_;
  bool tls_pending_;
  protocol::Connection connection_;
  protocol::MessagePart part_;
  bool echo_waits_ = false;  // part_ waits for room in the send buffer
  bool message_begun_ = false;
  bool wants_write_ = false;
  bool ended_ = false;
  bool half_closed_ = false;
  bool finished_ = false;
  transport::Clock::time_point end_at_;
};

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
      for (const auto& session : sessions_) entries.push_back({session->descriptor(), session->events(), 0});
      if (::poll(entries.data(), entries.size(), static_cast<int>(tick.count())) < 0 && errno != EINTR)
        return;
      if (entries[0].revents != 0) return say_goodbye();
      const bool tick_due = transport::Clock::now() >= next_tick_;
      if (tick_due) next_tick_ = transport::Clock::now() + tick;
      for (std::size_t i = 0; i < sessions_.size(); ++i) {
        if (tick_due || entries[i + 3].revents != 0) sessions_[i]->step();
      }
      std::erase_if(sessions_, [](const auto& session) { return session->finished(); });
      if (entries[1].revents != 0) accept_from(plain_, false);
      if (entries[2].revents != 0) accept_from(tls_, true);
    }
  }

 private:
  // A signal came: every client is told, and has a moment to answer.
  void say_goodbye() {
    for (const auto& session : sessions_) session->go_away();
    const auto end = transport::Clock::now() + linger;
    while (transport::Clock::now() < end) {
      std::erase_if(sessions_, [](const auto& session) { return session->finished(); });
      if (sessions_.empty()) return;
      std::vector<pollfd> entries;
      for (const auto& session : sessions_) entries.push_back({session->descriptor(), session->events(), 0});
      ::poll(entries.data(), entries.size(), static_cast<int>(tick.count()));
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
    sessions_.push_back(std::make_unique<Session>(std::move(stream), secure, options_));
  }

  const ServeOptions& options_;
#if CPWEBSOCKETS_TLS
  std::shared_ptr<transport::TlsContext> context_;
#endif
  int plain_ = -1;
  int tls_ = -1;
  int signals_ = -1;
  transport::Clock::time_point next_tick_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace

int serve(const ServeOptions& options) {
  Server server(options);
  if (!server.start()) return 1;
  server.run();
  return 0;
}

}  // namespace cpws
