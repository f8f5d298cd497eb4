// A connection's buffers change while it runs, a handshake that was done elsewhere, and randomness from a
// seed.
#include <cpwebsockets/protocol/seeded_random.hpp>
#include <set>

#include "open_client.hpp"

namespace {

using namespace test;

// One block as both buffers while the handshake lasts, as a device does it, then a part of it for each.
class OneBlock : public testing::Test {
 protected:
  OneBlock() {
    protocol::Config config;
    config.receive_buffer = config.send_buffer = block_;
    config.random = random_.source();
    connection_.emplace(config);
    connection_->poll(protocol::Time());
  }
  void open(std::string_view behind) {
    protocol::Request request;
    request.host = "h";
    ASSERT_EQ(connection_->open(request), protocol::Error::none);
    const std::string sent = text_of(connection_->to_send());
    connection_->sent(sent.size());
    const std::string response = good_response(sent) + std::string(behind);
    const auto space = connection_->receive_space();
    ASSERT_GE(space.size(), response.size());
    std::memcpy(space.data(), response.data(), response.size());
    connection_->received(response.size());
    ASSERT_TRUE(std::holds_alternative<protocol::Opened>(connection_->next_event()));
    const auto block = std::span(block_);
    connection_->use_buffers(block.first(256), block.subspan(256));
  }

  std::array<std::byte, 1024> block_{};
  CountingRandom random_;
  std::optional<protocol::Connection> connection_;
};

TEST_F(OneBlock, bytes_behind_the_response_are_kept) {
  open(frame(0x1, "first") + frame(0x9, "ping") + frame(0x2, "second"));
  const auto first = connection_->next_event();
  ASSERT_TRUE(std::holds_alternative<protocol::MessagePart>(first));
  EXPECT_EQ(text_of(std::get<protocol::MessagePart>(first).bytes), "first");
  EXPECT_TRUE(std::holds_alternative<protocol::Ping>(connection_->next_event()));
  EXPECT_EQ(connection_->to_send().size(), 2U + 4 + 4) << "the pong";
  const auto second = connection_->next_event();
  ASSERT_TRUE(std::holds_alternative<protocol::MessagePart>(second));
  EXPECT_EQ(text_of(std::get<protocol::MessagePart>(second).bytes), "second") << "the pong lies elsewhere";
}

TEST_F(OneBlock, frames_are_no_larger_than_the_new_buffer) {
  open("");
  const std::vector<std::byte> message(1000);
  EXPECT_EQ(connection_->send(protocol::Opcode::binary, message), protocol::Result::too_large);
  ASSERT_EQ(connection_->begin_message(protocol::Opcode::binary), protocol::Result::accepted);
  const std::size_t room = connection_->append_room();
  EXPECT_LE(room, 768U - 8);
  EXPECT_EQ(connection_->append(std::span(message).first(room)), protocol::Result::accepted);
  EXPECT_LE(connection_->to_send().size(), 768U);
}

TEST_F(OneBlock, frames_are_as_large_as_the_present_buffer_allows) {
  open("");
  const std::string message(700, 'm');
  const auto is_sent_as_one_frame = [&] {
    connection_->sent(connection_->to_send().size());
    EXPECT_EQ(connection_->send(protocol::Opcode::text, bytes_of(message)), protocol::Result::accepted);
    return text_of(connection_->to_send()).starts_with("\x81\xFE\x02\xBC");
  };
  EXPECT_TRUE(is_sent_as_one_frame());
  std::array<std::byte, 256> small{};
  connection_->sent(connection_->to_send().size());
  connection_->use_buffers(std::span(block_).first(256), small);
  EXPECT_EQ(connection_->send(protocol::Opcode::text, bytes_of(message)), protocol::Result::too_large);
  connection_->use_buffers(std::span(block_).first(256), std::span(block_).subspan(256));
  EXPECT_TRUE(is_sent_as_one_frame()) << "the small buffer left nothing behind";
  connection_->sent(connection_->to_send().size());
  connection_->use_buffers(std::span(block_).first(256), small);
  connection_->reset();
  ASSERT_EQ(connection_->assume_open(protocol::Role::client), protocol::Error::none);
  EXPECT_TRUE(is_sent_as_one_frame()) << "nor does it after a reset";
}

TEST_F(OneBlock, what_waits_to_be_sent_moves_along) {
  open("");
  ASSERT_EQ(connection_->send(protocol::Opcode::text, bytes_of("waits")), protocol::Result::accepted);
  const std::string before = text_of(connection_->to_send());
  std::array<std::byte, 512> elsewhere{};
  connection_->use_buffers(std::span(block_).first(256), elsewhere);
  EXPECT_EQ(text_of(connection_->to_send()), before);
}

TEST(AssumeOpen, messages_flow_without_a_handshake) {
  std::array<std::byte, 256> receive{};
  std::array<std::byte, 256> send{};
  CountingRandom random;
  protocol::Config config;
  config.receive_buffer = receive;
  config.send_buffer = send;
  config.random = random.source();
  for (const auto role : {protocol::Role::client, protocol::Role::server}) {
    protocol::Connection connection(config);
    connection.poll(protocol::Time());
    ASSERT_EQ(connection.assume_open(role), protocol::Error::none);
    EXPECT_EQ(connection.assume_open(role), protocol::Error::wrong_state);
    EXPECT_EQ(connection.send(protocol::Opcode::text, bytes_of("hi")), protocol::Result::accepted);
    const bool is_masked = (std::to_integer<unsigned>(connection.to_send()[1]) & 0x80) != 0;
    EXPECT_EQ(is_masked, role == protocol::Role::client);
    const std::string input = frame(0x1, "yo", {.masked = role == protocol::Role::server});
    std::memcpy(connection.receive_space().data(), input.data(), input.size());
    connection.received(input.size());
    EXPECT_TRUE(std::holds_alternative<protocol::MessagePart>(connection.next_event()));
  }
}

TEST(AssumeOpen, small_buffers_are_refused) {
  protocol::Connection connection(protocol::Config{});
  EXPECT_EQ(connection.assume_open(protocol::Role::client), protocol::Error::receive_buffer_too_small);
}

std::array<std::byte, 16> seed_of(unsigned first) {
  std::array<std::byte, 16> seed{};
  seed[0] = std::byte(first);
  return seed;
}

TEST(SeededRandom, depends_on_the_seed_alone) {
  std::array<std::byte, 100> a{};
  std::array<std::byte, 100> b{};
  std::array<std::byte, 100> other{};
  protocol::SeededRandom(seed_of(1)).fill(a);
  protocol::SeededRandom in_pieces(seed_of(1));
  for (std::size_t at = 0; at < b.size(); at += 4) in_pieces.fill(std::span(b).subspan(at, 4));
  protocol::SeededRandom(seed_of(2)).fill(other);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, other);
}

TEST(SeededRandom, masking_keys_do_not_repeat) {
  protocol::SeededRandom random(seed_of(3));
  const protocol::Random source = random.source();
  std::set<std::array<std::byte, 4>> keys;
  for (int i = 0; i < 10000; ++i) {
    std::array<std::byte, 4> key{};
    ASSERT_TRUE(source.fill(source.context, key));
    keys.insert(key);
  }
  EXPECT_GT(keys.size(), 9990U);
}

}  // namespace
