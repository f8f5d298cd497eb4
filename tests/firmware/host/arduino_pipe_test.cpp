// The pipe on Arduino's Client, over clients such as the boards' libraries have.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "cpwebsockets/arduino/client_pipe.hpp"

namespace {

using namespace cpwebsockets;
using arduino::ClientPipe;
using device::PipeState;

/// As ESP8266's: it knows only Stream's time.
class PlainClient : public ::Client {
 public:
  int connect(const char* host, std::uint16_t) override {
    asked_for = host;
    bound = static_cast<long>(timeout_ms);
    is_connected = result == 1;
    return result;
  }
  std::size_t write(const std::uint8_t*, std::size_t size) override { return fails ? ~std::size_t{0} : size; }
  int available() override { return fails ? -1 : static_cast<int>(incoming.size()); }
  int read(std::uint8_t* into, std::size_t size) override {
    const std::size_t taken = std::min(size, incoming.size());
    std::copy_n(incoming.begin(), taken, into);
    incoming.erase(0, taken);
    return static_cast<int>(taken);
  }
  void stop() override { is_connected = false; }
  std::uint8_t connected() override { return is_connected ? 1 : 0; }

  int result = 1;
  long bound = 0;
  bool is_connected = false;
  bool fails = false;
  std::string asked_for;
  std::string incoming;
};

/// As Ethernet's and WiFiNINA's.
class EthernetLikeClient : public PlainClient {
 public:
  int connect(const char* host, std::uint16_t port) override {
    const int connected = PlainClient::connect(host, port);
    bound = connection_timeout;
    return connected;
  }
  void setConnectionTimeout(std::uint16_t ms) { connection_timeout = ms; }
  std::uint16_t connection_timeout = 0;
};

/// As ESP32's.
class Esp32LikeSecureClient : public PlainClient {
 public:
  using PlainClient::connect;
  int connect(const char* host, std::uint16_t port, std::int32_t ms) {
    const int connected = PlainClient::connect(host, port);
    bound = ms;
    return connected;
  }
  void setHandshakeTimeout(unsigned long seconds) { handshake_seconds = seconds; }
  unsigned long handshake_seconds = 120;
};

template <typename C>
void expect_bounded() {
  C client;
  ClientPipe pipe(client, false, 2500);
  pipe.open({"server.test", 80});
  EXPECT_EQ(pipe.poll(), PipeState::open);
  EXPECT_EQ(client.asked_for, "server.test");
  EXPECT_EQ(client.bound, 2500);
  if constexpr (requires { client.handshake_seconds; }) {
    EXPECT_EQ(client.handshake_seconds, 3U);
  }
}

TEST(ArduinoPipe, bounds_the_wait_of_connect_by_whatever_the_library_offers) {
  expect_bounded<PlainClient>();
  expect_bounded<EthernetLikeClient>();
  expect_bounded<Esp32LikeSecureClient>();
}

// A name that is cut would be the name of a stranger.
TEST(ArduinoPipe, a_name_that_is_too_long_is_not_cut) {
  PlainClient client;
  ClientPipe pipe(client);
  const std::string host(300, 'x');
  pipe.open({host, 80});
  EXPECT_EQ(pipe.poll(), PipeState::failed);
  EXPECT_EQ(pipe.failure().error, device::PipeError::host_not_found);
  EXPECT_EQ(client.asked_for, "");
}

TEST(ArduinoPipe, names_the_cause_that_the_library_tells) {
  const std::array<std::pair<int, device::PipeError>, 3> causes{{{0, device::PipeError::connection_refused},
                                                                 {-1, device::PipeError::connect_timeout},
                                                                 {-2, device::PipeError::host_not_found}}};
  for (const auto& [result, error] : causes) {
    PlainClient client;
    client.result = result;
    ClientPipe pipe(client);
    pipe.open({"server.test", 80});
    EXPECT_EQ(pipe.poll(), PipeState::failed);
    EXPECT_EQ(pipe.failure().error, error);
    EXPECT_EQ(pipe.failure().native, result);
  }
}

TEST(ArduinoPipe, the_end_comes_behind_the_bytes_and_close_is_one) {
  PlainClient client;
  ClientPipe pipe(client);
  EXPECT_EQ(pipe.poll(), PipeState::ended);
  pipe.open({"server.test", 80});
  client.incoming = "last words";
  client.is_connected = false;
  EXPECT_EQ(pipe.poll(), PipeState::open);
  std::array<std::byte, 100> into;
  EXPECT_EQ(pipe.read(into), 10U);
  EXPECT_EQ(pipe.poll(), PipeState::ended);
  EXPECT_EQ(pipe.write(into), device::Pipe::gone);

  pipe.open({"server.test", 80});
  client.incoming = "unread";
  pipe.close();
  EXPECT_EQ(pipe.poll(), PipeState::ended);
  EXPECT_EQ(pipe.read(into), 0U);
}

TEST(ArduinoPipe, an_error_that_looks_like_a_size_is_none) {
  PlainClient client;
  ClientPipe pipe(client);
  pipe.open({"server.test", 80});
  client.fails = true;
  std::array<std::byte, 100> bytes{};
  EXPECT_EQ(pipe.write(bytes), 0U);
  client.is_connected = false;
  EXPECT_EQ(pipe.write(bytes), device::Pipe::gone);
  EXPECT_EQ(pipe.read(bytes), 0U);
  EXPECT_EQ(pipe.poll(), PipeState::ended);
}

}  // namespace
