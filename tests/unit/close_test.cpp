// RFC 6455 §5.5.1, §7: the closing handshake.
#include <cpwebsockets/protocol/close.hpp>

#include "open_client.hpp"

namespace test {
namespace {

using protocol::CloseCode;
using protocol::Result;

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
    ASSERT_EQ(protocol::is_valid_on_wire(static_cast<CloseCode>(code)), valid) << code;
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

TEST_F(OpenClient, our_close_waits_for_the_peers_and_then_for_the_end_of_file) {
  EXPECT_EQ(connection_->close(CloseCode{1000}, "done"), Result::accepted);
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
  connection_->poll(at(6000ms));
  EXPECT_EQ(connection_->transport(), protocol::Transport::close) << "bounded by close_timeout";
}

TEST_F(OpenClient, a_peer_that_does_not_answer_a_close_is_given_up) {
  connection_->poll(at(100ms));
  ASSERT_EQ(connection_->close(), Result::accepted);
  EXPECT_EQ(connection_->next_deadline(), at(5100ms));
  connection_->poll(at(5099ms));
  expect_event<std::monostate>();
  connection_->poll(at(5100ms));
  const auto info = expect_event<protocol::Closed>().info;
  EXPECT_EQ(info.error, protocol::Error::close_timeout);
  EXPECT_FALSE(info.clean());
  EXPECT_EQ(info.code(), protocol::CloseCode{1006});
}

TEST_F(OpenClient, a_close_is_checked_before_it_is_sent) {
  for (const unsigned code : {0U, 999U, 1004U, 1006U, 1015U, 2000U, 5000U}) {
    EXPECT_EQ(connection_->close(static_cast<CloseCode>(code)), Result::invalid) << code;
  }
  EXPECT_EQ(connection_->close(CloseCode{1000}, std::string(124, 'x')), Result::invalid);
  EXPECT_EQ(connection_->close(CloseCode{1000}, "\xff"), Result::invalid);
  EXPECT_EQ(connection_->close(CloseCode{1005}, "a reason needs a code"), Result::invalid);
  EXPECT_TRUE(connection_->to_send().empty());
  EXPECT_EQ(connection_->close(CloseCode{1005}), Result::accepted);
  EXPECT_EQ(take().substr(0, 2), unhex("88 80"));
  EXPECT_EQ(connection_->close(), Result::dead);
  EXPECT_EQ(connection_->send(protocol::Opcode::text, {}), Result::dead);
}

TEST_F(OpenClient, a_close_before_the_handshake_has_ended_just_ends) {
  protocol::Config config;
  config.receive_buffer = receive_;
  config.send_buffer = send_;
  config.random = random_.source();
  connection_.emplace(config);
  EXPECT_EQ(connection_->close(), Result::not_open) << "not begun";
  protocol::Request request;
  request.host = "h";
  ASSERT_EQ(connection_->open(request), protocol::Error::none);
  EXPECT_EQ(connection_->open(request), protocol::Error::wrong_state);
  EXPECT_EQ(connection_->send(protocol::Opcode::text, {}), Result::not_open);
  EXPECT_EQ(connection_->ping(), Result::not_open);
  const std::size_t request_size = connection_->to_send().size();
  EXPECT_EQ(connection_->close(CloseCode{1000}, "never mind"), Result::accepted);
  const auto info = expect_event<protocol::Closed>().info;
  EXPECT_EQ(info.by, protocol::ClosedBy::us);
  EXPECT_EQ(info.step, protocol::Step::handshake);
  EXPECT_EQ(info.sent, protocol::CloseCode::none);
  EXPECT_EQ(connection_->to_send().size(), request_size) << "no close frame";
  EXPECT_EQ(connection_->transport(), protocol::Transport::close);
}

TEST_F(OpenClient, a_violation_close_frame_waits_for_room_and_is_not_lost) {
  ASSERT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(std::string(1008, 'x'))), Result::accepted);
  ASSERT_EQ(connection_->ping(), Result::accepted);
  give(frame(3, ""));
  EXPECT_EQ(expect_event<protocol::Closed>().info.sent, protocol::CloseCode::none)
      << "what is not sent is not reported as sent";
  take();
  EXPECT_EQ(take().substr(0, 2), unhex("88 82"));
  EXPECT_EQ(connection_->close_info().sent, protocol::CloseCode{1002});
}

// --- A stream that takes no more bytes ---

TEST_F(OpenClient, a_close_frame_that_could_not_leave_is_not_reported_as_sent) {
  ASSERT_EQ(connection_->send(protocol::Opcode::text, bytes_of("first")), Result::accepted);
  give(frame(8, close_payload(1000)));
  EXPECT_TRUE(expect_event<protocol::Closed>().info.clean());
  connection_->sent(5);
  connection_->send_failed();
  EXPECT_FALSE(connection_->close_info().clean());
  EXPECT_EQ(connection_->close_info().sent, CloseCode::none);
  EXPECT_EQ(connection_->close_info().received, CloseCode::normal_closure);
  EXPECT_TRUE(connection_->to_send().empty());
}

TEST_F(OpenClient, a_close_frame_that_has_left_stays_sent) {
  give(frame(8, close_payload(1000)));
  expect_event<protocol::Closed>();
  take();
  connection_->send_failed();
  EXPECT_TRUE(connection_->close_info().clean());
}

TEST_F(OpenClient, a_violation_close_frame_that_could_not_leave_was_not_sent) {
  give(frame(3, ""));
  EXPECT_EQ(expect_event<protocol::Closed>().info.sent, CloseCode::protocol_error);
  connection_->send_failed();
  EXPECT_EQ(connection_->close_info().sent, CloseCode::none);
  EXPECT_EQ(connection_->close_info().error, protocol::Error::unknown_opcode);
}

TEST_F(OpenClient, replies_that_cannot_leave_hold_nothing_back) {
  ASSERT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(std::string(1008, 'x'))), Result::accepted);
  give(frame(9, "ping") + frame(1, "text") + frame(8, close_payload(4001, "bye")));
  expect_event<std::monostate>();
  connection_->send_failed();
  EXPECT_EQ(connection_->send(protocol::Opcode::text, {}), Result::dead);
  EXPECT_EQ(connection_->ping(), Result::dead);
  EXPECT_EQ(connection_->close(), Result::dead);
  EXPECT_FALSE(connection_->receive_space().empty());
  expect_event<protocol::Ping>();
  EXPECT_EQ(text_of(expect_event<protocol::MessagePart>().bytes), "text");
  const auto info = expect_event<protocol::Closed>().info;
  EXPECT_EQ(info.by, protocol::ClosedBy::peer);
  EXPECT_EQ(info.received, CloseCode{4001});
  EXPECT_EQ(info.reason, "bye");
  EXPECT_EQ(info.sent, CloseCode::none);
  EXPECT_TRUE(connection_->to_send().empty());
}

TEST_F(OpenClient, a_reset_while_a_pong_waits_for_room_is_a_loss_at_once) {
  ASSERT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(std::string(1008, 'x'))), Result::accepted);
  give(frame(9, "ping"));
  expect_event<std::monostate>();
  connection_->received_eof();
  expect_event<std::monostate>();
  connection_->send_failed();
  expect_event<protocol::Ping>();
  EXPECT_EQ(expect_event<protocol::Closed>().info.error, protocol::Error::connection_lost);
  EXPECT_EQ(connection_->transport(), protocol::Transport::close);
}

TEST_F(OpenClient, our_close_frame_that_could_not_leave_was_not_sent_when_the_peers_comes) {
  ASSERT_EQ(connection_->close(CloseCode{4000}), Result::accepted);
  connection_->send_failed();
  give(frame(8, close_payload(1001)));
  const auto info = expect_event<protocol::Closed>().info;
  EXPECT_EQ(info.by, protocol::ClosedBy::us);
  EXPECT_EQ(info.sent, CloseCode::none);
  EXPECT_EQ(info.received, CloseCode::going_away);
  EXPECT_TRUE(connection_->to_send().empty());
}

TEST_F(OpenClient, a_violation_on_a_stream_that_takes_nothing_is_told_to_nobody) {
  connection_->send_failed();
  give(frame(3, ""));
  EXPECT_EQ(expect_event<protocol::Closed>().info.sent, CloseCode::none);
  EXPECT_TRUE(connection_->to_send().empty());
}

TEST_F(OpenClient, without_randomness_a_close_frame_is_not_echoed) {
  FailingRandom random;
  open([&](protocol::Config& config) { config.random = random.source(); });
  random.fails = true;
  give(frame(8, close_payload(1001)));
  const auto info = expect_event<protocol::Closed>().info;
  EXPECT_EQ(info.received, protocol::CloseCode{1001});
  EXPECT_EQ(info.sent, protocol::CloseCode::none);
  EXPECT_EQ(info.error, protocol::Error::entropy_failure);
  EXPECT_TRUE(connection_->to_send().empty());
}

}  // namespace
}  // namespace test
