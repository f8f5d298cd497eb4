// RFC 6455 §5.5.1, §7: the closing handshake.
#include <cpwebsockets/protocol/close.hpp>

#include "replay.hpp"

namespace test {
namespace {

std::string close_payload(unsigned code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + std::string(reason);
}

TEST(Close, a_close_frame_is_echoed) {
  Scenario scenario;
  scenario.input = frame(8, close_payload(1001, "going"));
  const Transcript transcript = replay_every_way(scenario);
  EXPECT_EQ(transcript.events, "open() closed(peer 1001 1001 'going')");
  ASSERT_EQ(transcript.output.size(), 8U);
  EXPECT_EQ(transcript.output.substr(0, 2), unhex("88 82"));
}

TEST(Close, a_close_frame_without_code_is_1005) {
  EXPECT_EQ(events_for(frame(8, "")), "closed(peer 1005 1005)");
}

TEST(Close, every_code_is_judged_as_the_rfc_says) {
  for (unsigned code = 0; code <= 5100; ++code) {
    const bool valid =
        (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code < 5000);
    ASSERT_EQ(protocol::is_valid_on_wire(static_cast<std::uint16_t>(code)), valid) << code;
  }
  for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U, 65535U}) {
    EXPECT_EQ(events_for(frame(8, close_payload(code))),
              "closed(us 1002 0: a close code that must not be sent)")
        << code;
  }
}

TEST(Close, a_payload_of_one_byte_fails_the_connection) {
  EXPECT_EQ(events_for(frame(8, "\x03")), "closed(us 1002 0: a close frame with a payload of one byte)");
}

TEST(Close, a_reason_that_is_not_utf8_fails_the_connection) {
  EXPECT_EQ(events_for(frame(8, close_payload(1000, "\xff"))), "closed(us 1007 0: text is not valid UTF-8)");
  EXPECT_EQ(events_for(frame(8, close_payload(1000, "caf\xc3"))),
            "closed(us 1007 0: text is not valid UTF-8)");
}

TEST(Close, the_longest_reason_is_kept) {
  const std::string reason(123, 'r');
  EXPECT_EQ(events_for(frame(8, close_payload(4000, reason))), "closed(peer 4000 4000 '" + reason + "')");
}

TEST(Close, nothing_after_a_close_frame_is_parsed) {
  EXPECT_EQ(events_for(frame(8, close_payload(1000)) + frame(1, "late") + frame(3, "")),
            "closed(peer 1000 1000)");
}

TEST(Close, a_close_frame_inside_a_fragmented_message_ends_it) {
  EXPECT_EQ(events_for(frame(1, "ab", {.fin = false}) + frame(8, close_payload(1000))),
            "text(ab... closed(peer 1000 1000)");
}

TEST(Close, an_end_of_file_without_close_frame_is_a_loss) {
  for (const std::string& input :
       {std::string(), frame(1, "whole"), frame(1, "cut off").substr(0, 5), frame(1, "x").substr(0, 1)}) {
    Scenario scenario;
    scenario.input = input;
    scenario.ends = true;
    const std::string events = replay_every_way(scenario).events;
    EXPECT_TRUE(events.ends_with("closed(network 0 0: the connection ended without a close frame)"))
        << events;
  }
}

// --- A client of its own, step by step
// -----------------------------------------------------------------------------

class OpenClient : public testing::Test {
 protected:
  OpenClient() { open(); }

  void open(const std::function<void(protocol::Config&)>& configure = {}) {
    random_ = {};
    protocol::Config config;
    config.receive_buffer = receive_;
    config.send_buffer = send_;
    config.random = random_.source();
    if (configure) configure(config);
    connection_.emplace(config);
    connection_->poll(protocol::Time(0));
    protocol::Request request;
    request.host = "h";
    ASSERT_EQ(connection_->open(request), protocol::Error::none);
    give(good_response(take()));
    connection_->poll(protocol::Time(0));
    ASSERT_TRUE(std::holds_alternative<protocol::Opened>(connection_->next_event()));
  }
  std::string take() {
    const std::string bytes = text_of(connection_->to_send());
    connection_->sent(bytes.size());
    return bytes;
  }
  void give(std::string_view bytes) {
    const auto space = connection_->receive_space();
    ASSERT_GE(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), bytes.size());
    connection_->received(bytes.size());
  }
  template <typename Kind>
  Kind expect_event() {
    const protocol::Event event = connection_->next_event();
    EXPECT_TRUE(std::holds_alternative<Kind>(event)) << event.index();
    return std::holds_alternative<Kind>(event) ? std::get<Kind>(event) : Kind{};
  }

  std::array<std::byte, 1024> receive_{};
  std::array<std::byte, 1024> send_{};
  CountingRandom random_;
  std::optional<protocol::Connection> connection_;
};

using protocol::Result;
using std::chrono::milliseconds;

TEST_F(OpenClient, our_close_waits_for_the_peers_and_then_for_the_end_of_file) {
  EXPECT_EQ(connection_->close(1000, "done"), Result::accepted);
  EXPECT_EQ(connection_->state(), protocol::State::closing);
  EXPECT_EQ(take().size(), 2U + 4 + 2 + 4);
  give(frame(1, "still delivered") + frame(9, "") + frame(8, close_payload(1000)));
  expect_event<protocol::MessagePart>();
  expect_event<protocol::Ping>();
  EXPECT_TRUE(connection_->to_send().empty()) << "no pong after our close frame";
  const auto info = expect_event<protocol::Closed>().info;
  EXPECT_TRUE(info.clean());
  EXPECT_EQ(info.by, protocol::ClosedBy::us);
  EXPECT_EQ(connection_->transport(), protocol::Transport::await_eof);
  connection_->poll(milliseconds(6000));
  EXPECT_EQ(connection_->transport(), protocol::Transport::close) << "bounded by close_timeout";
}

TEST_F(OpenClient, a_peer_that_does_not_answer_a_close_is_given_up) {
  connection_->poll(milliseconds(100));
  connection_->close();
  EXPECT_EQ(connection_->next_deadline(), milliseconds(5100));
  connection_->poll(milliseconds(5099));
  expect_event<std::monostate>();
  connection_->poll(milliseconds(5100));
  const auto info = expect_event<protocol::Closed>().info;
  EXPECT_EQ(info.error, protocol::Error::close_timeout);
  EXPECT_FALSE(info.clean());
  EXPECT_EQ(info.code(), 1006);
}

TEST_F(OpenClient, a_close_is_checked_before_it_is_sent) {
  for (const unsigned code : {0U, 999U, 1004U, 1006U, 1015U, 2000U, 5000U}) {
    EXPECT_EQ(connection_->close(static_cast<std::uint16_t>(code)), Result::invalid) << code;
  }
  EXPECT_EQ(connection_->close(1000, std::string(124, 'x')), Result::invalid);
  EXPECT_EQ(connection_->close(1000, "\xff"), Result::invalid);
  EXPECT_EQ(connection_->close(1005, "a reason needs a code"), Result::invalid);
  EXPECT_TRUE(connection_->to_send().empty());
  EXPECT_EQ(connection_->close(1005), Result::accepted);
  EXPECT_EQ(take().substr(0, 2), unhex("88 80"));
  EXPECT_EQ(connection_->close(), Result::dead);
  EXPECT_EQ(connection_->send(protocol::Opcode::text, {}), Result::dead);
}

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

TEST_F(OpenClient, pongs_are_measured) {
  connection_->poll(milliseconds(1000));
  EXPECT_EQ(connection_->ping(bytes_of("abc")), Result::accepted);
  give(frame(10, "other") + frame(10, "abc") + frame(10, "abc"));
  connection_->poll(milliseconds(1042));
  EXPECT_FALSE(expect_event<protocol::Pong>().round_trip);
  EXPECT_EQ(expect_event<protocol::Pong>().round_trip, milliseconds(42));
  EXPECT_FALSE(expect_event<protocol::Pong>().round_trip) << "answered already";
  EXPECT_EQ(connection_->round_trip(), milliseconds(42));
}

TEST_F(OpenClient, silence_is_pinged_and_then_ends_the_connection) {
  EXPECT_EQ(connection_->next_deadline(), milliseconds(20'000));
  connection_->poll(milliseconds(20'000));
  EXPECT_EQ(take().substr(0, 2), unhex("89 84"));
  EXPECT_EQ(connection_->next_deadline(), milliseconds(40'000));
  connection_->poll(milliseconds(39'999));
  expect_event<std::monostate>();
  connection_->poll(milliseconds(40'000));
  EXPECT_EQ(expect_event<protocol::Closed>().info.error, protocol::Error::keepalive_timeout);
  EXPECT_TRUE(connection_->to_send().empty());
}

TEST_F(OpenClient, any_received_byte_counts_as_life) {
  connection_->poll(milliseconds(20'000));
  take();
  give(frame(2, std::string(100, 'x')).substr(0, 1));
  connection_->poll(milliseconds(40'000));
  expect_event<std::monostate>();
  EXPECT_EQ(connection_->next_deadline(), milliseconds(60'000));
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

TEST_F(OpenClient, a_violation_close_frame_waits_for_room_and_is_not_lost) {
  ASSERT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(std::string(1008, 'x'))), Result::accepted);
  ASSERT_EQ(connection_->ping(), Result::accepted);
  give(frame(3, ""));
  EXPECT_EQ(expect_event<protocol::Closed>().info.sent, 1002);
  take();
  EXPECT_EQ(take().substr(0, 2), unhex("88 82"));
}

TEST_F(OpenClient, a_failing_source_of_randomness_ends_the_connection) {
  open();
  protocol::Config config;
  config.receive_buffer = receive_;
  config.send_buffer = send_;
  config.random = {[](void*, std::span<std::byte>) noexcept { return false; }, nullptr};
  connection_.emplace(config);
  protocol::Request request;
  request.host = "h";
  EXPECT_EQ(connection_->open(request), protocol::Error::entropy_failure);
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
