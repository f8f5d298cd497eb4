// Frames of known size: the header first, the payload through a send buffer that is smaller than it.
#include "open_client.hpp"

namespace test {
namespace {

using protocol::Opcode;
using protocol::Result;

constexpr std::size_t large = 70'000;

class SizedFrame : public OpenClient {
 protected:
  void begin(std::size_t size, Opcode opcode = Opcode::binary, bool last = true) {
    ASSERT_EQ(connection_->begin_message(opcode), Result::accepted);
    ASSERT_EQ(connection_->begin_frame(size, last), Result::accepted);
  }
  // Appends and takes out by pieces of at most `piece` bytes; returns what leaves.
  std::string stream(std::string_view payload, std::size_t piece) {
    std::string out = take();
    while (!payload.empty()) {
      const std::size_t size = std::min({payload.size(), piece, connection_->frame_room()});
      EXPECT_EQ(connection_->append_to_frame(bytes_of(payload.substr(0, size))), Result::accepted);
      payload.remove_prefix(size);
      out += take();
    }
    return out;
  }
  static std::string unmasked(std::string_view frame, std::size_t header) {
    std::string payload(frame.substr(header));
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= frame[header - 4 + i % 4];
    return payload;
  }
};

std::string pattern(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i * 7 % 26);
  return text;
}

TEST_F(SizedFrame, a_message_larger_than_the_buffer_leaves_as_one_frame) {
  const std::string message = pattern(large);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}, large}) {
    open();
    begin(message.size(), Opcode::text);
    EXPECT_EQ(connection_->frame_size_left(), message.size());
    const std::string frame = stream(message, piece);
    EXPECT_EQ(frame.substr(0, 10), unhex("81 FF 00 00 00 00 00 01 11 70"));
    EXPECT_EQ(unmasked(frame, 14), message) << piece;
    EXPECT_EQ(connection_->frame_size_left(), 0U);
    EXPECT_EQ(connection_->send(Opcode::text, bytes_of("next")), Result::accepted) << "the message has ended";
  }
}

TEST_F(SizedFrame, a_message_may_have_several_and_others_between_them) {
  begin(3, Opcode::text, false);
  EXPECT_EQ(stream("one", 9).substr(0, 2), unhex("01 83"));
  EXPECT_EQ(connection_->ping(bytes_of("p")), Result::accepted);
  take();
  EXPECT_EQ(connection_->append(bytes_of("two")), Result::accepted);
  EXPECT_EQ(take().substr(0, 2), unhex("00 83"));
  ASSERT_EQ(connection_->begin_frame(0, true), Result::accepted);
  EXPECT_EQ(take().substr(0, 2), unhex("80 80"));
  EXPECT_EQ(connection_->begin_frame(1, true), Result::invalid) << "the message has ended";
}

TEST_F(SizedFrame, appends_are_checked_and_take_all_or_nothing) {
  EXPECT_EQ(connection_->begin_frame(5, true), Result::invalid) << "no message";
  EXPECT_EQ(connection_->append_to_frame(bytes_of("x")), Result::invalid) << "no frame";
  begin(1500);
  EXPECT_EQ(connection_->begin_frame(5, true), Result::invalid) << "inside a frame";
  EXPECT_EQ(connection_->append(bytes_of("x")), Result::invalid);
  EXPECT_EQ(connection_->finish(), Result::invalid);
  EXPECT_EQ(connection_->append_room(), 0U);
  EXPECT_EQ(connection_->send(Opcode::binary, {}), Result::invalid);
  EXPECT_EQ(connection_->append_to_frame(bytes_of(std::string(1501, 'x'))), Result::invalid);
  EXPECT_EQ(connection_->append_to_frame(bytes_of(std::string(1025, 'x'))), Result::too_large);
  const std::size_t room = connection_->frame_room();
  EXPECT_EQ(room, 1024U - 8U);
  EXPECT_EQ(connection_->append_to_frame(bytes_of(std::string(room + 1, 'x'))), Result::would_block);
  EXPECT_EQ(connection_->append_to_frame(bytes_of(std::string(room, 'x'))), Result::accepted);
  EXPECT_EQ(connection_->frame_room(), 0U);
  EXPECT_EQ(connection_->append_to_frame({}), Result::accepted);
  EXPECT_EQ(connection_->frame_size_left(), 1500U - room);
}

TEST_F(SizedFrame, a_header_needs_room) {
  ASSERT_EQ(connection_->send(Opcode::binary, bytes_of(std::string(1004, 'x'))), Result::accepted);
  ASSERT_EQ(connection_->begin_message(Opcode::binary), Result::accepted);
  EXPECT_EQ(connection_->begin_frame(100'000, true), Result::would_block);
  take();
  EXPECT_EQ(connection_->begin_frame(100'000, true), Result::accepted);
}

TEST_F(SizedFrame, text_is_judged_as_it_is_appended) {
  begin(4, Opcode::text);
  EXPECT_EQ(connection_->append_to_frame(bytes_of("\xC3")), Result::accepted) << "cut inside a code point";
  EXPECT_EQ(connection_->append_to_frame(bytes_of("x")), Result::invalid);
  EXPECT_EQ(connection_->append_to_frame(bytes_of("\xA9z\xC3")), Result::invalid) << "it ends inside one";
  EXPECT_EQ(connection_->frame_size_left(), 3U) << "nothing was taken";
  EXPECT_EQ(connection_->append_to_frame(bytes_of("\xA9zz")), Result::accepted);

  begin(1, Opcode::text, false);
  EXPECT_EQ(connection_->append_to_frame(bytes_of("\xC3")), Result::accepted) << "another frame follows";
  EXPECT_EQ(connection_->begin_frame(0, true), Result::invalid);
  EXPECT_EQ(connection_->begin_frame(1, true), Result::accepted);
  EXPECT_EQ(connection_->append_to_frame(bytes_of("\xA9")), Result::accepted);
}

TEST_F(SizedFrame, control_frames_wait_until_it_is_complete) {
  begin(10);
  take();
  EXPECT_EQ(connection_->ping(bytes_of("p")), Result::would_block);
  EXPECT_EQ(connection_->pong(bytes_of("p")), Result::would_block);
  EXPECT_EQ(connection_->close(protocol::CloseCode{1000}, "bye"), Result::would_block);
  give(frame(10, "a pong") + frame(9, "a ping"));
  expect_event<protocol::Pong>();
  expect_event<std::monostate>();
  EXPECT_TRUE(connection_->to_send().empty());
  EXPECT_EQ(connection_->append_to_frame(bytes_of("0123456789")), Result::accepted);
  take();
  expect_event<protocol::Ping>();
  EXPECT_EQ(take().substr(0, 2), unhex("8A 86"));
  EXPECT_EQ(connection_->close(protocol::CloseCode{1000}, "bye"), Result::accepted);
}

TEST_F(SizedFrame, a_close_frame_that_comes_is_echoed_behind_it) {
  begin(4);
  take();
  give(frame(8, close_payload(1001, "bye")));
  expect_event<std::monostate>();
  connection_->received_eof();
  expect_event<std::monostate>();
  EXPECT_EQ(connection_->append_to_frame(bytes_of("last")), Result::accepted);
  EXPECT_EQ(take().size(), 4U);
  const protocol::CloseInfo info = expect_event<protocol::Closed>().info;
  EXPECT_TRUE(info.clean());
  EXPECT_EQ(info.sent, protocol::CloseCode{1001});
  EXPECT_EQ(info.reason, "bye");
  EXPECT_EQ(take().substr(0, 2), unhex("88 82"));
}

TEST_F(SizedFrame, a_violation_meanwhile_sends_no_close_frame_and_reports_none) {
  begin(4);
  take();
  give(unhex("83 00"));
  const protocol::CloseInfo info = expect_event<protocol::Closed>().info;
  EXPECT_EQ(info.error, protocol::Error::unknown_opcode);
  EXPECT_EQ(info.sent, protocol::CloseCode::none);
  EXPECT_EQ(connection_->append_to_frame(bytes_of("last")), Result::dead);
  EXPECT_TRUE(connection_->to_send().empty());
  connection_->sent(0);
  EXPECT_TRUE(connection_->to_send().empty());
  EXPECT_EQ(connection_->transport(), protocol::Transport::close);
}

TEST_F(SizedFrame, a_stream_that_takes_no_more_in_its_middle_tells_what_came) {
  ASSERT_EQ(connection_->begin_message(Opcode::binary), Result::accepted);
  ASSERT_EQ(connection_->begin_frame(5000, true), Result::accepted);
  ASSERT_EQ(connection_->append_to_frame(bytes_of("some")), Result::accepted);
  give(frame(9, "ping") + frame(8, close_payload(1001, "later")));
  expect_event<std::monostate>();
  connection_->send_failed();
  EXPECT_EQ(connection_->append_to_frame(bytes_of("more")), Result::dead);
  expect_event<protocol::Ping>();
  EXPECT_EQ(expect_event<protocol::Closed>().info.reason, "later");
}

TEST_F(SizedFrame, bytes_that_leave_are_a_sign_of_life_and_their_stop_is_noticed) {
  begin(3000);
  for (int seconds = 15; seconds < 100; seconds += 15) {
    EXPECT_EQ(connection_->append_to_frame(bytes_of("x")), Result::accepted);
    take();
    connection_->poll(at(std::chrono::seconds(seconds)));
    expect_event<std::monostate>();
  }
  const protocol::Time ping_due = connection_->next_deadline();
  EXPECT_EQ(ping_due, at(110s));
  connection_->poll(ping_due);
  EXPECT_TRUE(connection_->to_send().empty()) << "no ping inside a frame";
  connection_->poll(at(130s));
  const protocol::CloseInfo info = expect_event<protocol::Closed>().info;
  EXPECT_EQ(info.error, protocol::Error::keepalive_without_ping);
  EXPECT_EQ(info.sent, protocol::CloseCode::none);
}

TEST_F(SizedFrame, a_failing_source_of_randomness_ends_the_connection) {
  FailingRandom random;
  open([&](protocol::Config& config) { config.random = random.source(); });
  ASSERT_EQ(connection_->begin_message(Opcode::binary), Result::accepted);
  random.fails = true;
  EXPECT_EQ(connection_->begin_frame(10, true), Result::dead);
  EXPECT_EQ(expect_event<protocol::Closed>().info.error, protocol::Error::entropy_failure);
  EXPECT_TRUE(connection_->to_send().empty());
}

TEST(SizedFrameOfAServer, is_not_masked) {
  std::array<std::byte, 512> receive{};
  std::array<std::byte, 256> send{};
  CountingRandom random;
  protocol::Config config;
  config.receive_buffer = receive;
  config.send_buffer = send;
  config.random = random.source();
  protocol::Connection server(config);
  ASSERT_EQ(server.assume_open(protocol::Role::server), protocol::Error::none);
  ASSERT_EQ(server.begin_message(Opcode::text), Result::accepted);
  ASSERT_EQ(server.begin_frame(300, true), Result::accepted);
  std::string out;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(server.append_to_frame(bytes_of(std::string(100, static_cast<char>('a' + i)))),
              Result::accepted);
    out += text_of(server.to_send());
    server.sent(server.to_send().size());
  }
  EXPECT_EQ(out, frame(1, std::string(100, 'a') + std::string(100, 'b') + std::string(100, 'c')));
}

}  // namespace
}  // namespace test
