// Runs the steps that its arguments name, a connection each, and ends with 0 when all went as they must:
//
//   echo=N         echoes binary messages of 0 to N bytes, streamed through a buffer
//   fragments      a text in three frames
//   pings=N        sends the half of N bytes, waits for the ping that this makes the server send, and sends
//   the rest closed         the server closes with 4001 silent         the server answers nothing more: the
//   keepalive must tell, in time dead           as silent, with the link cut as well refused        the
//   connection must fail; prints why observe=N      N connections; prints what comes, for the conformance
//   cases name=HOST      the host from here on keepalive=MS   from here on: the times of ping and pong, 60000
//   ms otherwise handshake=MS   from here on: the time of the handshake, 120000 ms otherwise
//
// Times are bounds, far above what a busy machine needs, but for the steps that wait for them to be over.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "link.hpp"

namespace {

using namespace cpwebsockets;
using protocol::Event;
using protocol::MessagePart;
using protocol::Opcode;
using protocol::Result;

constexpr std::size_t buffer_size = 1024;

image::Link the_link;
std::optional<device::BufferedClient<buffer_size, buffer_size>> the_client;
std::string_view host = "localhost";
std::uint64_t keepalive_ms = 60'000;
std::uint64_t handshake_ms = 120'000;

void make_client() noexcept {
  const std::chrono::milliseconds keepalive(keepalive_ms);
  the_client.emplace(the_link.pipe(),
                     protocol::Config{.random = board::random,
                                      .max_header_size = 64U << 10,
                                      .handshake_timeout = std::chrono::milliseconds(handshake_ms),
                                      .ping_interval = keepalive,
                                      .pong_timeout = keepalive,
                                      .extension = image::extension});
}

std::uint64_t number_in(std::string_view text) noexcept {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// One connection, from connect() to its end.
class Session {
 public:
  explicit Session(std::string_view path) noexcept : ws_(*the_client) {
    const protocol::Error error =
        ws_.connect({.host = host, .port = 80}, {.host = host, .path = path}, board::now());
    if (error != protocol::Error::none) image::fail(protocol::describe(error));
  }

  /// The next event, within `limit`.
  Event next(std::chrono::seconds limit = std::chrono::seconds(180)) noexcept {
    const auto end = board::now() + limit;
    for (;;) {
      if (board::now() > end) image::fail("nothing happens");
      Event event = poll();
      if (event.index() != 0) return event;
    }
  }

  void wait_until_open() noexcept {
    const Event event = next();
    if (std::holds_alternative<protocol::Closed>(event))
      image::fail(ws_.describe_end(), static_cast<std::uint64_t>(-std::int64_t{ws_.pipe_failure().native}));
    if (!std::holds_alternative<protocol::Opened>(event)) image::fail("not opened");
    if (ws_.connection().has_extension() != image::has_extension) image::fail("the extension");
  }

  /// Sends `size` bytes of the pattern through a buffer as large as the client's room. From `ping_at` bytes
  /// on it first waits for a ping.
  void send_pattern(std::size_t size, std::size_t ping_at = ~std::size_t{0}) noexcept {
    while (ws_.begin_message(Opcode::binary) == Result::would_block) expect_nothing();
    std::array<std::byte, 128> piece;
    for (std::size_t sent = 0; sent < size || size == 0;) {
      if (sent >= ping_at) wait_for_ping();
      const std::size_t fits = std::min({piece.size(), size - sent, ws_.append_room()});
      for (std::size_t i = 0; i < fits; ++i) piece[i] = pattern(sent + i, size);
      const auto bytes = std::span<const std::byte>(piece).first(fits);
      const bool last = sent + fits == size;
      if ((fits > 0 || last) && (last ? ws_.finish(bytes) : ws_.append(bytes)) == Result::accepted) {
        sent += fits;
        if (last) break;
      }
      expect_nothing();
    }
  }

  void expect_pattern(std::size_t size) noexcept {
    for (std::size_t received = 0;;) {
      const Event event = next();
      if (std::holds_alternative<protocol::Ping>(event)) continue;
      const auto* part = std::get_if<MessagePart>(&event);
      if (part == nullptr || part->opcode != Opcode::binary || part->first != (received == 0)) {
        image::fail("not the echo, but event", event.index());
      }
      for (const std::byte byte : part->bytes) {
        if (byte != pattern(received++, size)) image::fail("wrong byte at", received - 1);
      }
      if (!part->last) continue;
      if (received != size) image::fail("wrong size", received);
      return;
    }
  }

  void close_cleanly() noexcept {
    if (ws_.close() != Result::accepted) image::fail("close() refused");
    const protocol::CloseInfo info = wait_for_end();
    if (!info.clean() || info.received != protocol::CloseCode::normal_closure) {
      image::fail("not a clean end", to_integer(info.received));
    }
  }

  protocol::CloseInfo wait_for_end() noexcept {
    for (;;) {
      const Event event = next();
      if (const auto* closed = std::get_if<protocol::Closed>(&event)) {
        const protocol::CloseInfo info = closed->info;
        wait_until_free();
        return info;
      }
    }
  }

  /// The pipe is freed somewhat after the Closed event, which is the last one.
  void wait_until_free() noexcept {
    const auto end = board::now() + std::chrono::seconds(10);
    while (ws_.is_busy()) {
      if (poll().index() != 0) image::fail("an event behind the end");
      if (board::now() > end) image::fail("the pipe is not freed");
    }
  }

  void wait_for_ping() noexcept {
    if (pings_ == 0 && !std::holds_alternative<protocol::Ping>(next()))
      image::fail("no ping during the send");
  }

  device::Client& client() noexcept { return ws_; }

  Event poll() noexcept {
    image::Link::poll();
    Event event = ws_.poll(board::now());
    if (std::holds_alternative<protocol::Ping>(event)) ++pings_;
    return event;
  }

 private:
  static std::byte pattern(std::size_t at, std::size_t size) noexcept {
    return static_cast<std::byte>(at * 7 + (at >> 8) + size);
  }

  void expect_nothing() noexcept {
    const Event event = poll();
    if (event.index() != 0 && !std::holds_alternative<protocol::Ping>(event))
      image::fail("unexpected event", event.index());
  }

  device::Client& ws_;
  std::uint64_t pings_ = 0;
};

void echo(std::size_t largest) noexcept {
  Session session("/echo");
  session.wait_until_open();
  for (const std::size_t size : {0U, 1U, 125U, 126U, 1000U, 4000U, 65535U, 70000U}) {
    if (size > largest) break;
    session.send_pattern(size);
    session.expect_pattern(size);
  }
  session.close_cleanly();
}

void fragments() noexcept {
  Session session("/fragments");
  session.wait_until_open();
  constexpr std::string_view expected = "three fragments, größer";
  std::size_t received = 0;
  for (bool last = false; !last;) {
    const Event event = session.next();
    const auto* part = std::get_if<MessagePart>(&event);
    if (part == nullptr || part->opcode != Opcode::text) image::fail("not a text, but event", event.index());
    const auto rest = expected.substr(received);
    if (part->bytes.size() > rest.size() ||
        std::memcmp(part->bytes.data(), rest.data(), part->bytes.size()) != 0) {
      image::fail("wrong text at", received);
    }
    received += part->bytes.size();
    last = part->last;
  }
  if (received != expected.size()) image::fail("wrong size", received);
  session.close_cleanly();
}

void pings(std::size_t size) noexcept {
  Session session("/pings");
  session.wait_until_open();
  session.send_pattern(size, size / 2);
  session.expect_pattern(size);  // the server echoes only if the pong came before the rest
  session.close_cleanly();
}

void closed_by_server() noexcept {
  Session session("/closed");
  session.wait_until_open();
  const protocol::CloseInfo info = session.wait_for_end();
  if (info.by != protocol::ClosedBy::peer || info.code() != protocol::CloseCode{4001} || !info.clean() ||
      info.reason != "enough") {
    image::fail("wrong end", to_integer(info.code()));
  }
}

// After the keepalive's two times; a busy machine takes longer.
void silent(std::string_view path) noexcept {
  Session session(path);
  session.wait_until_open();
  const auto begin = board::now();
  const protocol::CloseInfo info = session.wait_for_end();
  if (info.error != protocol::Error::keepalive_timeout) image::fail(protocol::describe(info.error));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(board::now() - begin).count();
  board::print_line("  reported after ", static_cast<std::uint64_t>(took), " ms");
  if (static_cast<std::uint64_t>(took) < keepalive_ms) image::fail("too early");
  if (static_cast<std::uint64_t>(took) > 20 * keepalive_ms) image::fail("too late");
}

void refused() noexcept {
  Session session("/echo");
  const protocol::CloseInfo info = session.wait_for_end();
  board::print_line("  ", protocol::name(info.step), ": ", session.client().describe_end(), ", native -",
                    static_cast<std::uint64_t>(-std::int64_t{session.client().pipe_failure().native}));
  if (info.error == protocol::Error::none) image::fail("it was not refused");
}

// The lines of tests/conformance/observer.cpp.
class Observer {
 public:
  void on(const MessagePart& part) noexcept {
    if (part.first) {
      size_ = 0;
      hash_ = 14695981039346656037U;  // FNV-1a
    }
    for (const std::byte byte : part.bytes) {
      if (size_ < head_.size()) head_[size_] = byte;
      ++size_;
      hash_ = (hash_ ^ std::to_integer<std::uint64_t>(byte)) * 1099511628211U;
    }
    if (!part.last) return;
    board::print(part.opcode == Opcode::text ? "text " : "binary ");
    board::print(std::uint64_t{size_});
    board::print(" ");
    for (std::size_t i = 0; i < std::min(size_, head_.size()); ++i)
      print_hex(std::to_integer<unsigned>(head_[i]), 2);
    board::print(" ");
    print_hex(hash_, 16);
    board::print("\n");
  }

 private:
  static void print_hex(std::uint64_t value, unsigned digits) noexcept {
    while (digits-- > 0) board::print({&"0123456789abcdef"[value >> (4 * digits) & 15], 1});
  }

  std::array<std::byte, 64> head_;
  std::size_t size_ = 0;
  std::uint64_t hash_ = 0;
};

void observe() noexcept {
  Session session("/");
  Observer observer;
  int status = 0;
  for (;;) {
    const Event event = session.next();
    if (std::holds_alternative<protocol::Opened>(event)) board::print_line("open subprotocol= extensions=");
    if (const auto* part = std::get_if<MessagePart>(&event)) observer.on(*part);
    if (const auto* refused = std::get_if<protocol::Refused>(&event)) status = refused->status;
    if (const auto* closed = std::get_if<protocol::Closed>(&event)) {
      board::print_line("end clean=", std::uint64_t{closed->info.clean()});
      if (status != 0) {
        board::print_line("failure handshake refused: HTTP ", static_cast<std::uint64_t>(status),
                          " (expected 101)");
      } else if (closed->info.error != protocol::Error::none) {
        board::print_line("failure ", protocol::describe(closed->info.error));
      }
      break;
    }
  }
  session.wait_until_free();
}

void run(std::string_view step, std::string_view value) noexcept {
  const std::uint64_t number = number_in(value);
  if (step == "name") host = value;
  if (step == "keepalive") keepalive_ms = number;
  if (step == "handshake") handshake_ms = number;
  if (step == "keepalive" || step == "handshake") make_client();
  if (step == "echo") echo(static_cast<std::size_t>(number));
  if (step == "fragments") fragments();
  if (step == "pings") pings(static_cast<std::size_t>(number));
  if (step == "closed") closed_by_server();
  if (step == "silent") silent("/silent");
  if (step == "dead") silent("/dead");
  if (step == "refused") refused();
  if (step == "observe") {
    for (std::uint64_t i = 0; i < number; ++i) observe();
  }
}

}  // namespace

int main() {
  std::string_view rest = board::arguments();
  make_client();
  the_link.start();
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const std::size_t equals = std::min(word.find('='), word.size());
    run(word.substr(0, equals), word.substr(std::min(equals + 1, word.size())));
    board::print_line("done ", word);
  }
  image::report_peaks();
  return 0;
}
