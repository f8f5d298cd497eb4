// RFC 6455 §5: what a receiver insists on. Every input is replayed for every way to cut it.
#include <cpwebsockets/protocol/frame.hpp>

#include "replay.hpp"

namespace test {
namespace {

std::string violation(std::string_view cause, int code = 1002) {
  return "closed(us " + std::to_string(code) + " 0: " + std::string(cause) + ")";
}

TEST(Frames, an_unmasked_text_frame_is_a_message) {
  EXPECT_EQ(events_for(unhex("81 05 48656c6c6f")), "text(Hello) ");
}

TEST(Frames, a_fragmented_message_is_put_together) {
  EXPECT_EQ(events_for(unhex("01 03 48656c 80 02 6c6f")), "text(Hello) ");
}

TEST(Frames, control_frames_come_between_fragments) {
  EXPECT_EQ(events_for(frame(2, "ab", {.fin = false}) + frame(9, "x") + frame(0, "cd", {.fin = false}) +
                       frame(10, "y") + frame(0, "ef")),
            "ping(x) pong(y) binary(abcdef) ");
}

TEST(Frames, empty_fragments_are_no_message_of_their_own) {
  EXPECT_EQ(events_for(frame(1, "", {.fin = false}) + frame(0, "", {.fin = false}) +
                       frame(0, "a", {.fin = false}) + frame(0, "")),
            "text(a) ");
  EXPECT_EQ(events_for(frame(2, "", {.fin = false}) + frame(0, "")), "binary() ");
}

TEST(Frames, a_ping_is_answered_with_its_payload) {
  Scenario scenario;
  scenario.input = frame(9, "Hello");
  const Transcript transcript = replay_every_way(scenario);
  EXPECT_EQ(transcript.events, "open() ping(Hello) ");
  ASSERT_EQ(transcript.output.size(), 2U + 4U + 5U);
  EXPECT_EQ(transcript.output.substr(0, 2), unhex("8A 85"));
}

TEST(Frames, each_frame_has_a_fresh_masking_key) {
  Scenario scenario;
  scenario.input = frame(9, "") + frame(9, "");
  const std::string output = replay_every_way(scenario).output;
  ASSERT_EQ(output.size(), 12U);
  EXPECT_NE(output.substr(2, 4), output.substr(8, 4));
}

TEST(Frames, reserved_bits_fail_the_connection) {
  for (const unsigned bit : {0x40U, 0x20U, 0x10U, 0x70U}) {
    for (const unsigned opcode : {1U, 2U, 8U, 9U, 10U}) {
      EXPECT_EQ(events_for(frame(opcode, "ab", {.reserved = bit})),
                violation("a reserved bit is set that no extension uses"));
    }
  }
}

TEST(Frames, reserved_opcodes_fail_the_connection) {
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    EXPECT_EQ(events_for(frame(opcode, "")), violation("the opcode is reserved"));
  }
}

TEST(Frames, a_masked_frame_from_a_server_fails_the_connection) {
  EXPECT_EQ(events_for(frame(1, "Hello", {.masked = true})), violation("the server sent a masked frame"));
  EXPECT_EQ(events_for(frame(9, "", {.masked = true})), violation("the server sent a masked frame"));
}

TEST(Frames, an_unmasked_frame_from_a_client_fails_the_connection) {
  Scenario scenario;
  scenario.role = protocol::Role::server;
  scenario.input = frame(1, "Hello");
  EXPECT_EQ(replay_every_way(scenario).events,
            "requested(/chat?x=1) open() " + violation("the client sent an unmasked frame"));
}

TEST(Frames, a_server_unmasks) {
  Scenario scenario;
  scenario.role = protocol::Role::server;
  scenario.echoes = true;
  scenario.input = frame(1, "Hel", {.fin = false, .masked = true}) + frame(9, "ping", {.masked = true}) +
                   frame(0, "lo, world", {.masked = true}) +
                   frame(8,
                         "\x03\xe8"
                         "bye",
                         {.masked = true});
  const Transcript transcript = replay_every_way(scenario);
  EXPECT_EQ(transcript.events,
            "requested(/chat?x=1) open() ping(ping) text(Hello, world) closed(peer 1000 1000 'bye')");
  EXPECT_TRUE(
      transcript.output.ends_with(frame(10, "ping") + frame(1, "Hello, world") + frame(8, "\x03\xe8")));
}

TEST(Frames, lengths_must_be_canonical) {
  const std::string cause = violation("the payload length is not in its shortest form");
  for (const char* header : {"82 7E 0000", "82 7E 007D", "82 7F 0000000000000000", "82 7F 000000000000007D",
                             "82 7F 000000000000007E", "82 7F 000000000000FFFF"}) {
    EXPECT_EQ(events_for(unhex(header)), cause) << header;
  }
}

TEST(Frames, the_top_bit_of_a_length_must_be_zero) {
  for (const char* header : {"82 7F 8000000000000000", "82 7F FFFFFFFFFFFFFFFF", "82 7F 80"}) {
    EXPECT_EQ(events_for(unhex(header)), violation("the top bit of the payload length is set")) << header;
  }
}

TEST(Frames, lengths_around_every_boundary_are_exact) {
  for (const std::size_t size :
       {0U, 1U, 124U, 125U, 126U, 127U, 128U, 255U, 256U, 4095U, 65534U, 65535U, 65536U, 65537U}) {
    const std::string payload(size, 'x');
    Scenario scenario;
    scenario.input = frame(2, payload) + frame(9, "after");
    for (const bool direct : {false, true}) {
      for (const std::vector<std::size_t>& reads :
           {std::vector<std::size_t>{}, std::vector<std::size_t>(200, 1)}) {
        EXPECT_EQ(replay(scenario, reads, direct).events, "open() binary(" + payload + ") ping(after) ")
            << size;
      }
    }
  }
}

TEST(Frames, headers_survive_a_round_trip_at_every_length) {
  for (const std::uint64_t around : {0ULL, 125ULL, 65535ULL, 1ULL << 31, 1ULL << 32, (1ULL << 63) - 2}) {
    for (int delta = -2; delta <= 2; ++delta) {
      const std::uint64_t length = around + static_cast<std::uint64_t>(delta);
      if (length >> 63 != 0) continue;
      for (const bool masked : {false, true}) {
        protocol::FrameHeader header;
        header.opcode = protocol::Opcode::binary;
        header.masked = masked;
        header.payload_length = length;
        std::array<std::byte, protocol::max_frame_header> bytes{};
        const std::size_t size = write_frame_header(header, bytes.data());
        EXPECT_EQ(size, protocol::frame_header_size(length, masked));
        protocol::FrameHeader parsed;
        for (std::size_t part = 0; part < size; ++part) {
          const auto result = parse_frame_header(std::span(bytes).first(part), {masked}, parsed);
          EXPECT_EQ(result.size, 0);
          EXPECT_EQ(result.error, protocol::Error::none);
        }
        EXPECT_EQ(parse_frame_header(bytes, {masked}, parsed).size, size);
        EXPECT_EQ(parsed.payload_length, length);
      }
    }
  }
}

TEST(Frames, a_control_frame_over_125_bytes_fails_the_connection) {
  for (const unsigned opcode : {8U, 9U, 10U}) {
    EXPECT_EQ(events_for(frame(opcode, std::string(125, 0x0b)).substr(0, 1) + unhex("7E 007E")),
              violation("a control frame is longer than 125 bytes"));
  }
}

TEST(Frames, fragmented_control_frame_fails_the_connection) {
  for (const unsigned opcode : {8U, 9U, 10U}) {
    EXPECT_EQ(events_for(frame(opcode, "", {.fin = false})), violation("a control frame is fragmented"));
  }
}

TEST(Frames, a_continuation_without_a_start_fails_the_connection) {
  EXPECT_EQ(events_for(frame(0, "x")), violation("a continuation frame without a message to continue"));
  EXPECT_EQ(events_for(frame(1, "a") + frame(0, "x", {.fin = false})),
            "text(a) " + violation("a continuation frame without a message to continue"));
}

TEST(Frames, a_new_message_inside_a_fragmented_one_fails_the_connection) {
  EXPECT_EQ(events_for(frame(1, "a", {.fin = false}) + frame(1, "b")),
            "text(a... " + violation("a new message started inside a fragmented message"));
}

TEST(Frames, nothing_after_a_violation_is_parsed) {
  EXPECT_EQ(events_for(frame(3, "") + frame(1, "late") + frame(8, "\x03\xe8")),
            violation("the opcode is reserved"));
}

TEST(Limits, a_frame_over_the_limit_fails_before_its_payload) {
  Scenario scenario;
  scenario.configure = [](protocol::Config& config) { config.max_frame_size = 100; };
  scenario.input = unhex("82 7E 0080");
  EXPECT_EQ(replay_every_way(scenario).events,
            "open() " + violation("a frame is larger than the limit", 1009));
}

TEST(Limits, a_message_over_the_limit_fails_at_the_header_that_exceeds_it) {
  Scenario scenario;
  scenario.configure = [](protocol::Config& config) { config.max_message_size = 10; };
  scenario.input = frame(2, "1234567890");
  EXPECT_EQ(replay_every_way(scenario).events, "open() binary(1234567890) ");
  scenario.input = frame(2, "12345", {.fin = false}) + frame(0, "12345") +
                   frame(2, "123456", {.fin = false}) + unhex("80 05");
  EXPECT_EQ(replay_every_way(scenario).events, "open() binary(1234512345) binary(123456... " +
                                                   violation("a message is larger than the limit", 1009));
}

TEST(Limits, an_announced_length_of_2_to_the_62_costs_nothing) {
  EXPECT_EQ(events_for(unhex("82 7F 4000000000000000 00")),
            violation("a message is larger than the limit", 1009));
}

}  // namespace
}  // namespace test
