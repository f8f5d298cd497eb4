/// Replays bytes into a Connection, cut in every way, and writes down what came of it: the same for every
/// cut.
#pragma once

#include <gtest/gtest.h>

#include <cpwebsockets/protocol/connection.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace test {

namespace protocol = cpwebsockets::protocol;
using namespace std::literals;

std::span<const std::byte> bytes_of(std::string_view text);
std::string text_of(std::span<const std::byte> bytes);
/// "81 05" to bytes; blanks do not matter.
std::string unhex(std::string_view hex);

/// Predictable "randomness": bytes that count up.
struct CountingRandom {
  std::uint8_t next = 0;
  [[nodiscard]] protocol::Random source();
};

struct FrameSpec {
  bool fin = true;
  unsigned reserved = 0;  // RSV bits as in the first byte: 0x40, 0x20, 0x10
  bool masked = false;
};
/// A frame as a server sends it (or a client, if masked), written by code of its own.
std::string frame(unsigned opcode, std::string_view payload, FrameSpec spec = {});

/// What a replay shows: events and everything that was sent, in order.
struct Transcript {
  std::string events;  // messages with their bytes, however they were cut
  std::string output;
  bool operator==(const Transcript&) const = default;
};

struct Scenario {
  protocol::Role role = protocol::Role::client;
  std::string input;           // behind the handshake
  bool raw_handshake = false;  // `input` is all there is, the peer's half of the handshake included
  bool ends = false;           // end of file after the input
  bool shows_fields = false;   // of a refusal
  bool echoes = false;         // send every whole message back
  std::size_t receive_buffer = 4096;
  std::size_t send_buffer = 4096;
  std::vector<std::string_view> subprotocols;
  std::function<void(protocol::Config&)> configure;
  std::function<protocol::MessageExtension*()> extension;  // made anew for each replay
  std::string extension_answer;  // value of Sec-WebSocket-Extensions in the server's answer
};

/// The request that the connection writes first, and the answer that fits it.
inline constexpr std::string_view good_accept = "Sec-WebSocket-Accept: ";
std::string good_response(std::string_view request, std::string_view more_lines = {});
std::string client_request(std::string_view more_lines = {});

/// Replays with one read after another of the sizes in `reads` (the rest in one), payload straight into other
/// memory when `direct`.
Transcript replay(const Scenario& scenario, const std::vector<std::size_t>& reads, bool direct);

/// Replays whole, cut at every position, byte by byte, and by direct reads; expects the same of all, and
/// returns it.
Transcript replay_every_way(const Scenario& scenario);

/// The transcript of a client that receives `frames`.
std::string events_for(std::string_view frames);

}  // namespace test
