// A client for devices over a pipe that leads nowhere.
#include <array>
#include <cpwebsockets/device/client.hpp>

namespace {

class NoPipe final : public cpwebsockets::device::Pipe {
 public:
  std::size_t read(std::span<std::byte>) noexcept override { return gone; }
  std::size_t write(std::span<const std::byte>) noexcept override { return gone; }
};

}  // namespace

int main() {
  static std::array<std::byte, 256> received;
  static std::array<std::byte, 256> sent;
  NoPipe pipe;
  cpwebsockets::device::Client client(pipe, {.receive_buffer = received, .send_buffer = sent});
  return client.connect("wss://example.com/", {}) == cpwebsockets::protocol::Error::url_needs_tls ? 0 : 1;
}
