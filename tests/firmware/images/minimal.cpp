// As little as a firmware needs for a whole client: it connects, sends a text, checks the echo, and closes.
// Its size is what docs/footprint.md tells. MINIMAL_HARNESS leaves the client out: the bare program that it
// is compared with.
#include <array>
#include <cstring>

#include "link.hpp"

#if MINIMAL_HARNESS

#if !LINK_LWIP
// Every firmware has these.
volatile std::uintptr_t memory_functions[] = {
    reinterpret_cast<std::uintptr_t>(&std::memcpy), reinterpret_cast<std::uintptr_t>(&std::memmove),
    reinterpret_cast<std::uintptr_t>(&std::memset), reinterpret_cast<std::uintptr_t>(&std::memcmp)};
#endif

int main() {
#if LINK_LWIP
  if (!board::start_network(std::chrono::seconds(60))) return 1;
#else
  static board::UartPipe uart;
  std::array<std::byte, 64> bytes;
  static_cast<void>(board::fill_random(nullptr, bytes));
  static_cast<void>(uart.write(bytes));
  static_cast<void>(uart.read(bytes));
  if (memory_functions[static_cast<std::size_t>(board::now().time_since_epoch().count()) % 4] == 0) return 1;
#endif
  board::idle();
  image::report_peaks();
  return 0;
}

#else

namespace {

using namespace cpwebsockets;
using namespace std::string_view_literals;  // lengths that the compiler knows

std::array<std::byte, 512> receive_buffer;
std::array<std::byte, 512> send_buffer;
constexpr protocol::Config config{.receive_buffer = receive_buffer,
                                  .send_buffer = send_buffer,
                                  .random = board::random,
                                  .handshake_timeout = std::chrono::minutes(2),
                                  .extension = image::extension};
image::Link link;
device::Client ws(link.pipe(), config);

// Apart: what writing the request takes of the stack is then not a part of main()'s frame, which lasts.
bool connect() noexcept {
  return ws.connect({.host = "localhost"sv, .port = 80}, {.host = "localhost"sv, .path = "/echo"sv},
                    board::now()) == protocol::Error::none;
}

}  // namespace

int main() {
  link.start();
  if (!connect()) return 1;
  std::size_t echoed = 0;
  while (ws.is_busy()) {
    image::Link::poll();
    const protocol::Event event = ws.poll(board::now());
    if (std::holds_alternative<protocol::Opened>(event)) {
      if (ws.send("Hello"sv) != protocol::Result::accepted) return 1;
    } else if (const auto* part = std::get_if<protocol::MessagePart>(&event)) {
      echoed += part->bytes.size();
      if (part->last && ws.close() != protocol::Result::accepted) return 1;
    }
  }
  image::report_peaks();
  const protocol::CloseInfo& info = ws.close_info();
  return echoed == 5 && info.clean() ? 0 : 2 + static_cast<int>(info.error);
}

#endif
