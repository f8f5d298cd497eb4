// Cycles of the core's parts: each line is a name and how many one run of it takes, whatever the emulator
// counts.
#include <array>
#include <cstring>

#include "../board/board.hpp"
#include "cpwebsockets/protocol/mask.hpp"
#include "cpwebsockets/protocol/utf8.hpp"

namespace {

using namespace cpwebsockets::protocol;

constexpr std::size_t size = 4096;
alignas(8) std::array<std::byte, size + 8> bytes;
alignas(8) std::array<std::byte, 1024> receive_buffer;
alignas(8) std::array<std::byte, 1024> send_buffer;
bool ok = true;

// Known to the bench, so that the answer to the handshake can be made here.
bool fill_counting(void*, std::span<std::byte> out) noexcept {
  std::uint8_t next = 1;
  for (std::byte& byte : out) byte = static_cast<std::byte>(next++);
  return true;
}

template <class Work>
void measure(std::string_view name, Work work) noexcept {
  asm volatile("" ::: "memory");
  const std::uint64_t begin = board::cycles();
  work();
  asm volatile("" ::: "memory");
  board::print_line(name, " ", board::cycles() - begin);
}

void give(Connection& connection, std::span<const std::byte> data) noexcept {
  const auto space = connection.receive_space();
  std::memcpy(space.data(), data.data(), data.size());
  connection.received(data.size());
}

void give(Connection& connection, std::string_view text) noexcept {
  give(connection, std::as_bytes(std::span(text.data(), text.size())));
}

std::string_view text_of(std::span<const std::byte> data) noexcept {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

void open(Connection& connection) noexcept {
  ok = ok && connection.open({.host = "example.com", .path = "/feed"}) == Error::none;
  constexpr std::string_view name = "Sec-WebSocket-Key: ";
  const std::string_view request = text_of(connection.to_send());
  const auto accept = accept_value(request.substr(request.find(name) + name.size(), 24));
  connection.sent(request.size());
  give(connection,
       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
       "Upgrade\r\nSec-WebSocket-Accept: ");
  give(connection, {accept.data(), accept.size()});
  give(connection, "\r\n\r\n");
  ok = ok && std::holds_alternative<Opened>(connection.next_event());
}

void receive_frame(Connection& connection, std::size_t payload) noexcept {
  const std::array<std::byte, 4> header{std::byte{0x82}, std::byte{126}, static_cast<std::byte>(payload >> 8),
                                        static_cast<std::byte>(payload & 0xFF)};
  if (payload < 126) {
    const std::array<std::byte, 2> short_header{std::byte{0x82}, static_cast<std::byte>(payload)};
    give(connection, short_header);
  } else {
    give(connection, header);
  }
  give(connection, std::span<const std::byte>(bytes).first(payload));
  measure(payload < 126 ? "receive_16_bytes" : "receive_512_bytes", [&] {
    const Event event = connection.next_event();
    const auto* part = std::get_if<MessagePart>(&event);
    ok = ok && part != nullptr && part->bytes.size() == payload && part->last;
  });
}

void send_frame(Connection& connection, std::string_view name, std::size_t payload) noexcept {
  measure(name, [&] {
    ok = ok && connection.send(Opcode::binary, std::span<const std::byte>(bytes).first(payload)) ==
                   Result::accepted;
  });
  connection.sent(connection.to_send().size());
}

}  // namespace

int main() {
  const std::span<std::byte> aligned = std::span(bytes).first(size);
  const MaskingKey key{std::byte{0x12}, std::byte{0x34}, std::byte{0x56}, std::byte{0x78}};
  measure("nothing", [] {});
  measure("mask_4096_bytes", [&] { mask(aligned, aligned.data(), key); });
  measure("mask_4096_bytes_unaligned",
          [&] { mask(std::span(bytes).subspan(1, size), bytes.data() + 1, key); });

  std::memset(bytes.data(), 'a', bytes.size());
  measure("utf8_4096_bytes_of_ascii", [&] { ok = ok && is_valid_utf8(aligned); });
  constexpr std::string_view mixed =
      "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z\xD0\x96\xE4\xB8\xAD";  // 15 bytes of 6 characters
  for (std::size_t at = 0; at + mixed.size() <= 4095; at += mixed.size())
    std::memcpy(bytes.data() + at, mixed.data(), mixed.size());
  measure("utf8_4095_bytes_of_mixed_scripts",
          [&] { ok = ok && is_valid_utf8(std::span(bytes).first(4095)); });

  static Connection connection(
      {.receive_buffer = receive_buffer, .send_buffer = send_buffer, .random = {&fill_counting}});
  measure("opening_handshake", [] { open(connection); });
  receive_frame(connection, 16);
  receive_frame(connection, 512);
  send_frame(connection, "send_16_bytes", 16);
  send_frame(connection, "send_512_bytes", 512);
  if (!ok) board::print_line("FAIL: a result was wrong");
  return ok ? 0 : 1;
}
