// What a connection sends: messages whole and by pieces, control frames, and what happens when there is no
// room.
#include "open_client.hpp"

namespace test {
namespace {

using protocol::Result;

TEST_F(OpenClient, would_block_takes_nothing) {
  const std::string half(600, 'x');
  EXPECT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(half)), Result::accepted);
  const std::size_t pending = connection_->to_send().size();
  EXPECT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(half)), Result::would_block);
  EXPECT_EQ(connection_->to_send().size(), pending);
  connection_->sent(300);
  EXPECT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(half)), Result::accepted);
  EXPECT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(std::string(2000, 'x'))), Result::too_large);
}

TEST_F(OpenClient, text_that_is_not_utf8_is_not_sent) {
  EXPECT_EQ(connection_->send(protocol::Opcode::text, bytes_of("\xc0\x80")), Result::invalid);
  EXPECT_EQ(connection_->begin_message(protocol::Opcode::text), Result::accepted);
  EXPECT_EQ(connection_->append(bytes_of("caf\xc3")), Result::accepted);
  EXPECT_EQ(connection_->finish(), Result::invalid) << "inside a code point";
  EXPECT_EQ(connection_->append(bytes_of("x")), Result::invalid);
  EXPECT_EQ(connection_->finish(bytes_of("\xa9")), Result::accepted);
}

TEST_F(OpenClient, control_frames_go_between_the_frames_of_a_streamed_message) {
  EXPECT_EQ(connection_->append({}), Result::invalid);
  EXPECT_EQ(connection_->begin_message(protocol::Opcode::binary), Result::accepted);
  EXPECT_EQ(connection_->send(protocol::Opcode::text, {}), Result::invalid);
  EXPECT_EQ(connection_->append(bytes_of("one")), Result::accepted);
  EXPECT_EQ(connection_->ping(bytes_of("p")), Result::accepted);
  EXPECT_EQ(connection_->finish(bytes_of("two")), Result::accepted);
  const std::string bytes = take();
  EXPECT_EQ(bytes.substr(0, 2), unhex("02 83"));
  EXPECT_EQ(bytes.substr(9, 2), unhex("89 81"));
  EXPECT_EQ(bytes.substr(16, 2), unhex("80 83"));
}

TEST_F(OpenClient, append_room_is_exact) {
  for (std::size_t used = 0; used < 900; used += 7) {
    open();
    if (used > 0) {
      ASSERT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(std::string(used, 'x'))),
                Result::accepted);
    }
    ASSERT_EQ(connection_->begin_message(protocol::Opcode::binary), Result::accepted);
    const std::size_t room = connection_->append_room();
    EXPECT_NE(connection_->append(bytes_of(std::string(room + 5, 'x'))), Result::accepted) << used;
    EXPECT_EQ(connection_->append(bytes_of(std::string(room, 'x'))), Result::accepted) << used;
  }
}

TEST_F(OpenClient, large_messages_leave_in_frames_of_the_chosen_size) {
  open([](protocol::Config& config) { config.frame_size = 100; });
  EXPECT_EQ(connection_->send(protocol::Opcode::text, bytes_of(std::string(250, 'x'))), Result::accepted);
  const std::string bytes = take();
  EXPECT_EQ(bytes.substr(0, 2), unhex("01 E4"));
  EXPECT_EQ(bytes.substr(106, 2), unhex("00 E4"));
  EXPECT_EQ(bytes.substr(212, 2), unhex("80 B2"));
  EXPECT_EQ(bytes.size(), 250U + 3 * 6);
}

TEST_F(OpenClient, a_pong_waits_for_room_and_is_not_lost) {
  ASSERT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(std::string(1008, 'x'))), Result::accepted);
  give(frame(9, "hello") + frame(1, "after"));
  expect_event<std::monostate>();
  take();
  expect_event<protocol::Ping>();
  EXPECT_EQ(take().substr(0, 2), unhex("8A 85"));
  expect_event<protocol::MessagePart>();
}

TEST_F(OpenClient, nothing_more_is_read_while_a_reply_waits_for_room) {
  ASSERT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(std::string(1008, 'x'))), Result::accepted);
  give(frame(9, "hello"));
  EXPECT_FALSE(connection_->receive_space().empty());
  expect_event<std::monostate>();
  EXPECT_TRUE(connection_->receive_space().empty());
  take();
  EXPECT_FALSE(connection_->receive_space().empty()) << "there is room again";
  expect_event<protocol::Ping>();
}

TEST(Commands, before_the_connection_is_open_they_say_so) {
  std::array<std::byte, 512> receive{};
  std::array<std::byte, 512> send{};
  CountingRandom random;
  protocol::Connection connection(
      {.receive_buffer = receive, .send_buffer = send, .random = random.source()});
  const auto expect_all = [&](Result result) {
    EXPECT_EQ(connection.send(protocol::Opcode::text, bytes_of("x")), result);
    EXPECT_EQ(connection.send(protocol::Opcode::binary, bytes_of("\xFF")), result);
    EXPECT_EQ(connection.begin_message(protocol::Opcode::text), result);
    EXPECT_EQ(connection.append(bytes_of("x")), result);
    EXPECT_EQ(connection.finish(), result);
    EXPECT_EQ(connection.begin_frame(1, true), result);
    EXPECT_EQ(connection.append_to_frame(bytes_of("x")), result);
    EXPECT_EQ(connection.ping(), result);
    EXPECT_EQ(connection.pong(), result);
  };
  expect_all(Result::not_open);
  ASSERT_EQ(connection.open({.host = "h"}), protocol::Error::none);
  expect_all(Result::not_open);
  ASSERT_EQ(connection.close(), Result::accepted);
  expect_all(Result::dead);
}

TEST_F(OpenClient, a_failing_source_of_randomness_ends_the_connection) {
  const auto send = [this] { EXPECT_EQ(connection_->send(protocol::Opcode::text, {}), Result::dead); };
  const auto ping = [this] { EXPECT_EQ(connection_->ping(), Result::dead); };
  const auto close = [this] { EXPECT_EQ(connection_->close(), Result::dead); };
  const auto keepalive = [this] { connection_->poll(at(1h)); };
  const auto pong = [this] { give(frame(9, "ping")); };
  const auto violation = [this] { give(unhex("83 00")); };
  const std::function<void()> ways[] = {send, ping, close, keepalive, pong, violation};
  for (const auto& way : ways) {
    FailingRandom random;
    open([&](protocol::Config& config) { config.random = random.source(); });
    random.fails = true;
    way();
    const auto info = expect_event<protocol::Closed>().info;
    EXPECT_EQ(info.sent, protocol::CloseCode::none) << "an unmasked close frame must not be sent";
    EXPECT_EQ(info.by, protocol::ClosedBy::us);
    const bool violated = &way == &ways[5];
    EXPECT_EQ(info.error, violated ? protocol::Error::unknown_opcode : protocol::Error::entropy_failure);
    EXPECT_TRUE(connection_->to_send().empty());
    EXPECT_EQ(connection_->transport(), protocol::Transport::close);
  }
}

TEST_F(OpenClient, nothing_opens_without_randomness) {
  protocol::Config config;
  config.receive_buffer = receive_;
  config.send_buffer = send_;
  config.random = {[](void*, std::span<std::byte>) noexcept { return false; }, nullptr};
  connection_.emplace(config);
  protocol::Request request;
  request.host = "h";
  EXPECT_EQ(connection_->open(request), protocol::Error::entropy_failure);
}

TEST_F(OpenClient, a_pong_nobody_asked_for_is_sent) {
  open();
  const std::string longest(125, 'p');
  EXPECT_EQ(connection_->pong(bytes_of(longest)), Result::accepted);
  EXPECT_EQ(take().substr(0, 2), unhex("8a fd"));
  EXPECT_EQ(connection_->pong(bytes_of(longest + "p")), Result::invalid);
}

TEST_F(OpenClient, small_buffers_are_refused) {
  protocol::Config config;
  config.receive_buffer = std::span(receive_).first(255);
  config.send_buffer = send_;
  config.random = random_.source();
  connection_.emplace(config);
  EXPECT_EQ(connection_->listen(), protocol::Error::receive_buffer_too_small);
}

}  // namespace
}  // namespace test
