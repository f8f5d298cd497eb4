#include "replay.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

namespace test {

using protocol::Connection;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string unhex(std::string_view hex) {
  std::string bytes;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ') continue;
    const int value = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = value;
    } else {
      bytes += static_cast<char>(high * 16 + value);
      high = -1;
    }
  }
  return bytes;
}

protocol::Random CountingRandom::source() {
  return {[](void* context, std::span<std::byte> out) noexcept {
            for (std::byte& byte : out)
              byte = static_cast<std::byte>(static_cast<CountingRandom*>(context)->next++);
            return true;
          },
          this};
}

std::string frame(unsigned opcode, std::string_view payload, FrameSpec spec) {
  std::string bytes;
  bytes += static_cast<char>((spec.fin ? 0x80 : 0) | spec.reserved | opcode);
  const std::size_t size = payload.size();
  const unsigned mask_bit = spec.masked ? 0x80 : 0;
  if (size < 126) {
    bytes += static_cast<char>(mask_bit | size);
  } else if (size < 65536) {
    bytes += static_cast<char>(mask_bit | 126);
    bytes += static_cast<char>(size >> 8);
    bytes += static_cast<char>(size);
  } else {
    bytes += static_cast<char>(mask_bit | 127);
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  }
  const std::string_view key = "\x37\xfa\x21\x3d";
  if (spec.masked) bytes += key;
  for (std::size_t i = 0; i < size; ++i) {
    bytes += static_cast<char>(payload[i] ^ (spec.masked ? key[i % 4] : 0));
  }
  return bytes;
}

std::string good_response(std::string_view request, std::string_view more_lines) {
  const std::string_view name = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(name) + name.size();
  const auto accept = protocol::accept_value(request.substr(at, 24));
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         std::string(accept.data(), accept.size()) + "\r\n" + std::string(more_lines) + "\r\n";
}

std::string client_request(std::string_view more_lines) {
  return "GET /chat?x=1 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         std::string(more_lines) + "\r\n";
}

namespace {

class Replay {
 public:
  explicit Replay(const Scenario& scenario)
      : scenario_(scenario),
        receive_(scenario.receive_buffer),
        send_(scenario.send_buffer),
        connection_(config()) {}

  Transcript run(const std::vector<std::size_t>& reads, bool direct) {
    direct_ = direct;
    const std::string input = start() + scenario_.input;
    std::string_view rest = input;
    std::size_t index = 0;
    while (!rest.empty() && !stuck_) {
      const std::size_t wanted = index < reads.size() ? std::min(reads[index], rest.size()) : rest.size();
      feed(rest.substr(0, wanted));
      rest.remove_prefix(wanted);
      ++index;
    }
    if (scenario_.ends) connection_.received_eof();
    drain();
    return {events_, output_};
  }

 private:
  protocol::Config config() {
    protocol::Config config;
    config.receive_buffer = receive_;
    config.send_buffer = send_;
    config.random = random_.source();
    if (scenario_.configure) scenario_.configure(config);
    if (scenario_.extension) config.extension = scenario_.extension();
    return config;
  }

  // Starts the handshake; returns the peer's half, if the scenario does not bring it.
  std::string start() {
    if (scenario_.role == protocol::Role::server) {
      EXPECT_EQ(connection_.listen(), protocol::Error::none);
      return scenario_.raw_handshake ? "" : client_request();
    }
    protocol::Request request;
    request.host = "server.example.com";
    request.path = "/chat";
    request.subprotocols = scenario_.subprotocols;
    EXPECT_EQ(connection_.open(request), protocol::Error::none);
    const std::string written = text_of(connection_.to_send());
    connection_.sent(written.size());
    if (scenario_.raw_handshake) return {};
    const std::string line = scenario_.extension_answer.empty()
                                 ? ""
                                 : "Sec-WebSocket-Extensions: " + scenario_.extension_answer + "\r\n";
    return good_response(written, line);
  }

  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::uint64_t outstanding = direct_ ? connection_.payload_outstanding() : 0;
      if (outstanding > 0) {
        const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(outstanding, bytes.size()));
        std::vector<std::byte> memory(size);
        std::memcpy(memory.data(), bytes.data(), size);
        connection_.received_payload(memory);
        bytes.remove_prefix(size);
        drain();
      } else {
        const std::span<std::byte> space = connection_.receive_space();
        if (space.empty()) {
          stuck_ = true;
          ADD_FAILURE() << "no room to receive, and nothing to send";
          return;
        }
        const std::size_t size = std::min(space.size(), bytes.size());
        std::memcpy(space.data(), bytes.data(), size);
        connection_.received(size);
        bytes.remove_prefix(size);
        drain();
      }
    }
  }

  void drain() {
    for (;;) {
      const protocol::Event event = connection_.next_event();
      note(event);
      const bool sent = !connection_.to_send().empty();
      output_ += text_of(connection_.to_send());
      connection_.sent(connection_.to_send().size());
      if (std::holds_alternative<std::monostate>(event) && !sent) return;
    }
  }

  void note(const protocol::Event& event) {
    if (const auto* opened = std::get_if<protocol::Opened>(&event)) {
      events_ += "open(" + std::string(opened->subprotocol) + ") ";
    } else if (const auto* refused = std::get_if<protocol::Refused>(&event)) {
      events_ += "refused(" + std::to_string(refused->status) + " ";
      protocol::HeaderBlock fields = refused->headers;
      for (protocol::Header field; scenario_.shows_fields && fields.next(field);) {
        events_ += std::string(field.name) + "=" + std::string(field.value) + "; ";
      }
      events_ += std::string(refused->body) + ") ";
    } else if (const auto* requested = std::get_if<protocol::Requested>(&event)) {
      events_ += "requested(" + std::string(requested->target) + ") ";
      EXPECT_EQ(connection_.accept(), protocol::Result::accepted);
    } else if (const auto* part = std::get_if<protocol::MessagePart>(&event)) {
      note_part(*part);
    } else if (const auto* ping = std::get_if<protocol::Ping>(&event)) {
      events_ += "ping(" + text_of(ping->payload) + ") ";
    } else if (const auto* pong = std::get_if<protocol::Pong>(&event)) {
      events_ += "pong(" + text_of(pong->payload) + ") ";
    } else if (const auto* closed = std::get_if<protocol::Closed>(&event)) {
      note_closed(closed->info);
    }
  }

  void note_part(const protocol::MessagePart& part) {
    if (part.first) {
      EXPECT_TRUE(message_.empty());
      message_ = part.opcode == protocol::Opcode::text ? "text(" : "binary(";
    }
    message_ += text_of(part.bytes);
    if (!part.last) return;
    if (scenario_.echoes) {
      const std::size_t begin = message_.find('(') + 1;
      EXPECT_EQ(connection_.send(part.opcode, bytes_of(std::string_view(message_).substr(begin))),
                protocol::Result::accepted);
    }
    events_ += message_ + ") ";
    message_.clear();
  }

  void note_closed(const protocol::CloseInfo& info) {
    if (!message_.empty()) events_ += message_ + "... ";
    constexpr std::string_view who[] = {"nobody", "us", "peer", "network"};
    events_ += "closed(" + std::string(who[static_cast<std::size_t>(info.by)]) + " " +
               std::to_string(to_integer(info.sent)) + " " + std::to_string(to_integer(info.received));
    if (!info.reason.empty()) events_ += " '" + std::string(info.reason) + "'";
    if (info.error != protocol::Error::none) events_ += ": " + std::string(describe(info.error));
    events_ += ")";
  }

  const Scenario& scenario_;
  std::vector<std::byte> receive_;
  std::vector<std::byte> send_;
  CountingRandom random_;
  Connection connection_;
  bool direct_ = false;
  bool stuck_ = false;
  std::string events_;
  std::string output_;
  std::string message_;
};

}  // namespace

Transcript replay(const Scenario& scenario, const std::vector<std::size_t>& reads, bool direct) {
  return Replay(scenario).run(reads, direct);
}

Transcript replay_every_way(const Scenario& scenario) {
  const Transcript whole = replay(scenario, {}, false);
  const auto same = [&](const Transcript& other, const std::string& how) {
    EXPECT_EQ(whole.events, other.events) << how;
    EXPECT_EQ(whole.output, other.output) << how;
  };
  same(replay(scenario, {}, true), "payload read directly");
  const std::size_t longest = scenario.input.size() + 300;
  same(replay(scenario, std::vector<std::size_t>(longest, 1), false), "byte by byte");
  same(replay(scenario, std::vector<std::size_t>(longest, 1), true), "byte by byte, directly");
  // Every position of a short input; a sample of a long one, dense at both ends.
  for (std::size_t cut = 1; cut < longest;
       cut += longest < 1500 || cut < 400 || longest - cut < 300 ? 1 : 61) {
    same(replay(scenario, {cut}, cut % 2 == 0), "cut at " + std::to_string(cut));
    if (testing::Test::HasFailure()) break;
  }
  return whole;
}

std::string events_for(std::string_view frames) {
  Scenario scenario;
  scenario.input = frames;
  const std::string events = replay_every_way(scenario).events;
  EXPECT_TRUE(events.starts_with("open() ")) << events;
  return events.substr(std::min(events.size(), "open() "sv.size()));
}

}  // namespace test
