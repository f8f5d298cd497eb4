// A whole client on the core, as small firmware would have it: what the linker keeps of it is the core's
// flash size. With CORE_ONLY_HARNESS, the bare program that it is compared with: it moves bytes, and has the
// C library's four memory functions, as every firmware does.
#include <cpwebsockets/protocol/connection.hpp>
#include <cstring>
#include <new>

using namespace cpwebsockets::protocol;

namespace {

std::byte receive_buffer[512];
std::byte send_buffer[512];

}  // namespace

// The board's side. In memory that the compiler cannot see through.
extern "C" {
volatile std::uint32_t board_uart;
volatile std::uint32_t board_clock;
bool board_random(void*, std::span<std::byte> out) noexcept {
  for (std::byte& byte : out) byte = static_cast<std::byte>(board_uart);
  return true;
}
std::size_t board_read(std::byte* into, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) into[i] = static_cast<std::byte>(board_uart);
  return size;
}
std::size_t board_write(const std::byte* from, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) board_uart = static_cast<std::uint32_t>(from[i]);
  return size;
}
#if CORE_ONLY_HARNESS
alignas(8) std::byte storage[8];
volatile std::uintptr_t memory_functions[] = {
    reinterpret_cast<std::uintptr_t>(&std::memcpy), reinterpret_cast<std::uintptr_t>(&std::memmove),
    reinterpret_cast<std::uintptr_t>(&std::memset), reinterpret_cast<std::uintptr_t>(&std::memcmp)};
#else
alignas(Connection) std::byte storage[sizeof(Connection)];
#endif
}

int main() {
#if CORE_ONLY_HARNESS
  board_write(send_buffer, board_read(receive_buffer, sizeof receive_buffer));
  static_cast<void>(board_random(nullptr, send_buffer));
  return static_cast<int>(memory_functions[board_clock % 4]);
#else
  Config config;
  config.receive_buffer = receive_buffer;
  config.send_buffer = send_buffer;
  config.random = {&board_random, nullptr};
  Connection& connection = *new (storage) Connection(config);

  connection.poll(Time(Duration(board_clock)));
  if (connection.open({.host = "example.com", .path = "/feed"}) != Error::none) return 1;
  while (connection.transport() == Transport::keep_open) {
    const Event event = connection.next_event();
    Result result = Result::accepted;
    if (std::holds_alternative<Opened>(event)) {
      result = connection.send(Opcode::text, std::span(send_buffer).first(5));
    }
    if (const auto* part = std::get_if<MessagePart>(&event)) {
      result = connection.send(part->opcode, part->bytes);
      if (part->last) result = connection.close(CloseCode::normal_closure, "done");
    }
    if (result != Result::accepted) return 1;
    connection.sent(board_write(connection.to_send().data(), connection.to_send().size()));
    const std::span<std::byte> space = connection.receive_space();
    connection.received(board_read(space.data(), space.size()));
    connection.poll(Time(Duration(board_clock)));
  }
#endif
}

// Nothing of newlib's start-up belongs to the measurement.
extern "C" void _exit(int) {
  for (;;) {
  }
}
extern "C" [[noreturn]] void reset_handler() {
  main();
  for (;;) {
  }
}
