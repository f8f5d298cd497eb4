// The TLS pipe over a pipe that the test plays: what it leaves behind when a connection fails, and what it
// says of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "cpwebsockets/mbedtls/tls_pipe.hpp"

namespace {

using namespace cpwebsockets;
using device::PipeState;

class PlayedPipe final : public device::Pipe {
 public:
  void open(const device::Destination&) noexcept override { state = PipeState::open; }
  PipeState poll() noexcept override { return state; }
  std::size_t read(std::span<std::byte> into) noexcept override {
    const std::size_t size = std::min(into.size(), incoming.size());
    std::copy_n(reinterpret_cast<const std::byte*>(incoming.data()), size, into.data());
    incoming.erase(0, size);
    return size;
  }
  std::size_t write(std::span<const std::byte> bytes) noexcept override {
    outgoing.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return bytes.size();
  }
  void close() noexcept override { state = PipeState::ended; }
  void lose() noexcept {
    failure_ = {protocol::Step::connect, device::PipeError::connection_lost, -14};
    state = PipeState::failed;
  }

  PipeState state = PipeState::ended;
  std::string incoming;
  std::string outgoing;
};

bool fill_random(void*, std::span<std::byte> out) noexcept {
  std::ifstream("/dev/urandom")
      .read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  return true;
}

std::string ca() {
  std::ifstream file(CA_CERTIFICATE, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

PipeState run(device::Pipe& pipe) {
  for (int steps = 0; steps < 1000; ++steps) {
    const PipeState state = pipe.poll();
    if (state != PipeState::working) return state;
  }
  return PipeState::working;
}

class TlsPipe : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(config.set_up({.ca = std::as_bytes(std::span(ca_)), .entropy = {&fill_random}}), 0);
  }

  std::string ca_ = ca();
  mbedtls::TlsConfig config;
  PlayedPipe under;
};

// The memory of the connection before is freed (the sanitizer looks), and the new one begins at its
// beginning.
TEST_F(TlsPipe, can_be_opened_again_after_a_failure_without_close) {
  mbedtls::TlsPipe pipe(under, config);
  for (int i = 0; i < 3; ++i) {
    under.outgoing.clear();
    pipe.open({"server.test", 443});
    EXPECT_EQ(run(pipe), PipeState::opening);
    ASSERT_GT(under.outgoing.size(), 6U);
    EXPECT_EQ(under.outgoing[0], 22);  // a handshake record, in which
    EXPECT_EQ(under.outgoing[5], 1);   // there is a ClientHello
    under.incoming = "HTTP/1.1 400 Bad Request\r\n\r\n";
    EXPECT_EQ(run(pipe), PipeState::failed);
    EXPECT_EQ(pipe.failure().error, device::PipeError::tls_handshake);
    under.incoming.clear();
  }
}

TEST_F(TlsPipe, a_loss_in_the_handshake_ends_it) {
  mbedtls::TlsPipe pipe(under, config);
  pipe.open({"server.test", 443});
  EXPECT_EQ(run(pipe), PipeState::opening);
  under.lose();
  EXPECT_EQ(run(pipe), PipeState::failed);
  EXPECT_EQ(pipe.failure().step, protocol::Step::tls);
  EXPECT_EQ(pipe.write(std::as_bytes(std::span("x", 1))), device::Pipe::gone);
}

TEST_F(TlsPipe, a_configuration_can_be_set_up_again_after_an_error) {
  mbedtls::TlsConfig other;
  EXPECT_NE(other.set_up({.ca = {}, .entropy = {&fill_random}}), 0);
  EXPECT_NE(other.set_up({.ca = std::as_bytes(std::span("no certificate")), .entropy = {&fill_random}}), 0);
  EXPECT_EQ(other.set_up({.ca = std::as_bytes(std::span(ca_)), .entropy = {&fill_random}}), 0);
  EXPECT_EQ(other.set_up({.ca = std::as_bytes(std::span(ca_)), .entropy = {&fill_random}}), 0);
}

}  // namespace
