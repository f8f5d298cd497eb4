// The protocol core alone: no sockets, no heap, no clock. Here a client and a server talk through memory; a
// driver for a UART, a modem or another network stack does the same with its own reads and writes.
#include <cpwebsockets/protocol/connection.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace cpwebsockets::protocol;

namespace {

struct End {
  std::byte receive_buffer[512];
  std::byte send_buffer[512];
  Config config() {
    Config config;
    config.receive_buffer = receive_buffer;
    config.send_buffer = send_buffer;
    // A real driver takes its chip's random number generator.
    config.random = {[](void*, std::span<std::byte> out) noexcept {
                       for (std::byte& byte : out) byte = static_cast<std::byte>(std::rand());
                       return true;
                     },
                     nullptr};
    return config;
  }
};

// Moves what one end wants to send to the other end: any number of bytes at a time will do.
void move_bytes(Connection& from, Connection& to) {
  const auto bytes = from.to_send();
  const auto space = to.receive_space();
  const std::size_t size = std::min(bytes.size(), space.size());
  if (size > 0) std::memcpy(space.data(), bytes.data(), size);
  to.received(size);
  from.sent(size);
}

}  // namespace

int main() {
  static End client_end;
  static End server_end;
  Connection client(client_end.config());
  Connection server(server_end.config());
  if (client.open({.host = "device.local", .path = "/feed"}) != Error::none || server.listen() != Error::none)
    return 1;

  bool asks = false;
  bool leaves = false;
  bool done = false;
  for (int step = 0; step < 100 && !done; ++step) {
    // [core]
    const Event event = client.next_event();
    if (std::holds_alternative<Opened>(event)) {
      asks = true;
    } else if (const auto* part = std::get_if<MessagePart>(&event)) {
      std::printf("%.*s\n", static_cast<int>(part->bytes.size()),
                  reinterpret_cast<const char*>(part->bytes.data()));
      leaves = part->last;
    } else if (const auto* closed = std::get_if<Closed>(&event)) {
      done = closed->info.clean();
    }
    // would_block: the send buffer has no room. The call is repeated in the next round.
    if (asks)
      asks = client.send(Opcode::text, std::as_bytes(std::span("temperature?", 12))) == Result::would_block;
    if (leaves) leaves = client.close() == Result::would_block;
    client.poll(Time(std::chrono::milliseconds(step)));  // the time now: timeouts and keepalive live here
    // [core]
    const Event asked = server.next_event();
    Result answered = Result::accepted;
    if (std::holds_alternative<Requested>(asked)) answered = server.accept();
    if (std::holds_alternative<MessagePart>(asked)) {
      answered = server.send(Opcode::text, std::as_bytes(std::span("21.5 C", 6)));
    }
    if (answered != Result::accepted) return 1;
    move_bytes(client, server);
    move_bytes(server, client);
  }
  return done ? 0 : 1;
}
