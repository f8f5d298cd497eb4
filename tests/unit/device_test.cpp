// The client for devices over a pipe in memory, whose other end is a script.
#include <cpwebsockets/device/client.hpp>
#include <deque>
#include <set>

#include "replay.hpp"

namespace test {
namespace {

namespace device = cpwebsockets::device;

using namespace std::chrono_literals;
using device::PipeError;
using device::PipeState;
using protocol::Error;
using protocol::Step;
using protocol::Time;

/// A pipe that does what the test says, a few bytes at a time.
class ScriptedPipe final : public device::Pipe {
 public:
  void open(const device::Destination& to) noexcept override {
    opened_to = std::string(to.host) + ":" + std::to_string(to.port);
    ++opens;
  }
  PipeState poll() noexcept override {
    if (state == PipeState::ended && !incoming.empty()) return PipeState::open;
    return state;
  }
  std::size_t read(std::span<std::byte> into) noexcept override {
    const std::size_t size = std::min({into.size(), incoming.size(), at_once});
    std::memcpy(into.data(), incoming.data(), size);
    incoming.erase(0, size);
    return size;
  }
  std::size_t write(std::span<const std::byte> bytes) noexcept override {
    if (takes_no_more) return gone;
    const std::size_t size = std::min(bytes.size(), write_room);
    outgoing += text_of(bytes.first(size));
    return size;
  }
  void close() noexcept override { ++closes; }
  bool is_secure() const noexcept override { return secure; }

  void fail(Step step, PipeError error, int native) {
    failure_ = {step, error, native};
    state = PipeState::failed;
  }
  void is_in(Step step) { failure_.step = step; }

  PipeState state = PipeState::open;
  std::string opened_to;
  std::string incoming;
  std::string outgoing;
  std::size_t at_once = 1 << 20;
  std::size_t write_room = 1 << 20;
  int opens = 0;
  int closes = 0;
  bool secure = false;
  bool takes_no_more = false;
};

class Device : public testing::Test {
 protected:
  Device()
      : client_(pipe_, {.random = random_.source(),
                        .handshake_timeout = 10s,
                        .ping_interval = 20s,
                        .pong_timeout = 20s,
                        .close_timeout = 5s}) {}

  Error connect() {
    return client_.connect({.host = "server", .port = 80}, {.host = "server", .path = "/feed"}, now_);
  }
  void open() {
    ASSERT_EQ(connect(), Error::none);
    ASSERT_EQ(client_.poll(now_).index(), 0U);
    pipe_.incoming = good_response(pipe_.outgoing);
    pipe_.outgoing.clear();
    ASSERT_TRUE(std::holds_alternative<protocol::Opened>(next()));
  }
  void step() { static_cast<void>(client_.poll(now_)); }
  /// Polls until there is an event, some hundred times at most.
  protocol::Event next() {
    for (int i = 0; i < 300; ++i) {
      const protocol::Event event = client_.poll(now_);
      if (event.index() != 0) return event;
    }
    return {};
  }
  protocol::CloseInfo next_end() {
    const auto event = next();
    const auto* closed = std::get_if<protocol::Closed>(&event);
    EXPECT_NE(closed, nullptr);
    return closed != nullptr ? closed->info : protocol::CloseInfo{};
  }

  ScriptedPipe pipe_;
  CountingRandom random_;
  device::BufferedClient<512, 512> client_;
  Time now_{1ms};
};

TEST_F(Device, opens_and_exchanges_messages_a_byte_at_a_time) {
  pipe_.at_once = pipe_.write_room = 1;
  ASSERT_EQ(connect(), Error::none);
  EXPECT_EQ(pipe_.opened_to, "server:80");
  for (int i = 0; i < 500 && pipe_.outgoing.find("\r\n\r\n") == std::string::npos; ++i) step();
  pipe_.incoming = good_response(pipe_.outgoing) + frame(1, "hello");
  EXPECT_TRUE(std::holds_alternative<protocol::Opened>(next()));
  EXPECT_TRUE(client_.is_open());
  std::string text;
  for (bool last = false; !last;) {
    const auto event = next();
    const auto* part = std::get_if<protocol::MessagePart>(&event);
    ASSERT_NE(part, nullptr);
    text += text_of(part->bytes);
    last = part->last;
  }
  EXPECT_EQ(text, "hello");
  pipe_.outgoing.clear();
  EXPECT_EQ(client_.send("reply"), protocol::Result::accepted);
  for (int i = 0; i < 20; ++i) step();
  EXPECT_EQ(pipe_.outgoing.size(), 2U + 4 + 5);
}

/// The frames that `bytes`, a client's output, holds: "OPCODE:payload ", "+" for one that is not the last.
std::string frames_in(std::string_view bytes) {
  std::string frames;
  while (bytes.size() >= 6) {
    const std::size_t size = static_cast<unsigned char>(bytes[1]) & 0x7F;
    frames += std::to_string(bytes[0] & 0xF) + ((bytes[0] & 0x80) != 0 ? ":" : "+:");
    for (std::size_t i = 0; i < size; ++i) frames += static_cast<char>(bytes[6 + i] ^ bytes[2 + i % 4]);
    frames += ' ';
    bytes.remove_prefix(6 + size);
  }
  return frames;
}

TEST_F(Device, every_command_takes_text_and_any_bytes_in_a_row) {
  open();
  const std::array<std::uint8_t, 2> array{'a', 'b'};
  const std::byte bytes[] = {std::byte{'c'}, std::byte{'d'}};
  const auto accepted = protocol::Result::accepted;
  EXPECT_EQ(client_.send("text"), accepted);
  EXPECT_EQ(client_.send(array), accepted);
  EXPECT_EQ(client_.send(bytes), accepted);
  EXPECT_EQ(client_.send_binary("ef"), accepted);
  EXPECT_EQ(client_.begin_message(protocol::Opcode::text), accepted);
  EXPECT_EQ(client_.append("g"), accepted);
  EXPECT_EQ(client_.append(array), accepted);
  EXPECT_EQ(client_.finish("h"), accepted);
  EXPECT_EQ(client_.begin_message(protocol::Opcode::binary), accepted);
  EXPECT_EQ(client_.begin_frame(3, true), accepted);
  EXPECT_EQ(client_.append_to_frame(array), accepted);
  EXPECT_EQ(client_.append_to_frame("i"), accepted);
  EXPECT_EQ(client_.ping(), accepted);
  EXPECT_EQ(client_.ping("j"), accepted);
  EXPECT_EQ(client_.ping(array), accepted);
  EXPECT_EQ(client_.close(4001, "bye"), accepted);
  step();
  EXPECT_EQ(frames_in(pipe_.outgoing),
            "1:text 2:ab 2:cd 2:ef 1+:g 0+:ab 0:h 2:abi 9: 9:j 9:ab 8:\x0F\xA1"
            "bye ");
}

TEST_F(Device, a_wrong_request_begins_nothing) {
  EXPECT_EQ(client_.connect({.host = "server"}, {.host = "", .path = "/"}, now_), Error::invalid_host);
  EXPECT_FALSE(client_.is_busy());
  EXPECT_EQ(pipe_.opens, 0);
}

TEST_F(Device, a_url_names_host_port_and_whether_it_is_encrypted) {
  EXPECT_EQ(client_.connect("ws://[::1]:8080/x?y", now_), Error::none);
  EXPECT_EQ(pipe_.opened_to, "::1:8080");
  EXPECT_EQ(client_.connect("wss://server/", now_), Error::url_needs_tls);
  EXPECT_EQ(client_.connect("http://server/", now_), Error::url_scheme);
  pipe_.secure = true;
  EXPECT_EQ(client_.connect("wss://server/", now_), Error::none);
  EXPECT_EQ(pipe_.opened_to, "server:443");
  EXPECT_EQ(client_.connect("ws://server/", now_), Error::url_needs_tls) << "nobody shall take it for plain";
}

TEST_F(Device, a_pipe_that_fails_to_open_tells_why) {
  pipe_.state = PipeState::opening;
  ASSERT_EQ(connect(), Error::none);
  EXPECT_EQ(client_.poll(now_).index(), 0U);
  pipe_.fail(Step::tls, PipeError::certificate_expired, -0x2700);
  const auto info = next_end();
  EXPECT_EQ(info.by, protocol::ClosedBy::network);
  EXPECT_EQ(info.step, Step::tls);
  EXPECT_EQ(info.error, Error::stream_not_opened);
  EXPECT_EQ(client_.pipe_failure().error, PipeError::certificate_expired);
  EXPECT_EQ(client_.pipe_failure().native, -0x2700);
  EXPECT_EQ(client_.describe_end(), "the server's certificate is not valid at this time");
  EXPECT_EQ(pipe_.closes, 1);
  EXPECT_FALSE(client_.is_busy());
}

TEST(PipeErrors, each_has_a_sentence_of_its_own) {
  std::set<std::string_view> sentences;
  for (int error = 0; error <= static_cast<int>(PipeError::connection_lost); ++error) {
    const std::string_view sentence = describe(static_cast<PipeError>(error));
    EXPECT_NE(sentence, "unknown error") << error;
    EXPECT_TRUE(sentences.insert(sentence).second) << sentence;
    EXPECT_FALSE(sentence.ends_with('.')) << sentence;
  }
}

TEST_F(Device, opening_takes_no_longer_than_the_handshake_may) {
  pipe_.state = PipeState::opening;
  pipe_.is_in(Step::resolve);
  ASSERT_EQ(connect(), Error::none);
  EXPECT_EQ(client_.next_deadline(), now_ + 10s);
  now_ += 9s;
  EXPECT_EQ(client_.poll(now_).index(), 0U);
  now_ += 1s;
  const auto info = next_end();
  EXPECT_EQ(info.step, Step::resolve);
  EXPECT_EQ(info.error, Error::stream_not_opened);
  EXPECT_EQ(client_.pipe_failure().error, PipeError::connect_timeout);
  EXPECT_FALSE(client_.is_busy());
}

TEST_F(Device, a_pipe_with_more_to_compute_is_polled_at_once) {
  pipe_.state = PipeState::working;
  ASSERT_EQ(connect(), Error::none);
  step();
  EXPECT_LT(client_.next_deadline(), now_);
  pipe_.state = PipeState::opening;
  step();
  EXPECT_GT(client_.next_deadline(), now_);
}

TEST_F(Device, close_while_opening_ends_it) {
  pipe_.state = PipeState::opening;
  ASSERT_EQ(connect(), Error::none);
  EXPECT_EQ(client_.close(), protocol::Result::accepted);
  EXPECT_EQ(next_end().by, protocol::ClosedBy::us);
  EXPECT_EQ(pipe_.outgoing, "");
  EXPECT_FALSE(client_.is_busy());
}

TEST_F(Device, a_clean_close_waits_for_the_servers_end_of_file) {
  open();
  ASSERT_EQ(client_.close(protocol::CloseCode::normal_closure, "bye"), protocol::Result::accepted);
  step();
  pipe_.incoming = frame(8, "\x03\xE8");
  EXPECT_TRUE(next_end().clean());
  EXPECT_TRUE(client_.is_busy());
  pipe_.state = PipeState::ended;
  EXPECT_EQ(client_.poll(now_).index(), 0U);
  EXPECT_FALSE(client_.is_busy());
  EXPECT_EQ(pipe_.closes, 1);
}

TEST_F(Device, a_server_that_keeps_the_stream_open_is_left_after_the_close_timeout) {
  open();
  ASSERT_EQ(client_.close(), protocol::Result::accepted);
  step();
  pipe_.incoming = frame(8, "\x03\xE8");
  EXPECT_TRUE(next_end().clean());
  now_ += 5s;
  step();
  EXPECT_FALSE(client_.is_busy());
}

TEST_F(Device, a_server_that_is_told_of_its_violation_has_a_second_to_read_that) {
  open();
  pipe_.incoming = frame(3, "reserved");
  const auto info = next_end();
  EXPECT_EQ(info.error, Error::unknown_opcode);
  EXPECT_EQ(info.sent, protocol::CloseCode{1002});
  EXPECT_TRUE(client_.is_busy());
  EXPECT_EQ(client_.next_deadline(), now_ + 1s);
  pipe_.incoming = std::string(100'000, 'x');  // discarded
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client_.poll(now_).index(), 0U);
  now_ += 1s;
  step();
  EXPECT_FALSE(client_.is_busy());
}

TEST_F(Device, the_answer_to_a_close_frame_goes_out_after_a_half_close) {
  open();
  pipe_.write_room = 0;
  pipe_.incoming = frame(8, "\x03\xE8");
  pipe_.state = PipeState::ended;
  EXPECT_EQ(next_end().received, protocol::CloseCode{1000});
  step();
  EXPECT_TRUE(client_.is_busy()) << "the reply waits for room";
  pipe_.write_room = 100;
  step();
  step();
  EXPECT_EQ(pipe_.outgoing.size(), 2U + 4 + 2);
  EXPECT_FALSE(client_.is_busy());
}

TEST_F(Device, a_lost_stream_delivers_what_came_before) {
  open();
  pipe_.incoming = frame(1, "last words") + std::string("\x81");
  pipe_.at_once = 5;
  std::string text;
  for (;;) {
    if (pipe_.incoming.empty()) pipe_.fail(Step::connect, PipeError::connection_lost, -14);
    const auto event = next();
    if (const auto* part = std::get_if<protocol::MessagePart>(&event)) {
      text += text_of(part->bytes);
      continue;
    }
    const auto* closed = std::get_if<protocol::Closed>(&event);
    ASSERT_NE(closed, nullptr);
    EXPECT_EQ(closed->info.error, Error::connection_lost);
    break;
  }
  EXPECT_EQ(text, "last words");
  EXPECT_EQ(client_.pipe_failure().native, -14);
}

TEST_F(Device, silence_is_a_dead_link) {
  open();
  now_ += 20s;
  step();
  EXPECT_EQ(pipe_.outgoing.size(), 2U + 4 + 4) << "the keepalive ping";
  now_ += 20s;
  EXPECT_EQ(next_end().error, Error::keepalive_timeout);
  step();
  EXPECT_FALSE(client_.is_busy());
}

TEST_F(Device, it_connects_again) {
  for (int round = 0; round < 3; ++round) {
    open();
    EXPECT_EQ(client_.close_info().by, protocol::ClosedBy::nobody);
    EXPECT_EQ(client_.pipe_failure().error, PipeError::none);
    pipe_.state = PipeState::ended;
    EXPECT_EQ(next_end().error, Error::connection_lost);
    pipe_ = ScriptedPipe();
  }
  open();
  ASSERT_EQ(connect(), Error::none) << "one that is under way is dropped";
  EXPECT_EQ(pipe_.closes, 1);
  EXPECT_FALSE(client_.is_open());
}

TEST_F(Device, abort_frees_the_pipe_and_tells_nothing) {
  open();
  client_.abort();
  EXPECT_EQ(pipe_.closes, 1);
  EXPECT_FALSE(client_.is_busy());
  EXPECT_EQ(client_.poll(now_).index(), 0U);
}

TEST_F(Device, a_reset_while_a_pong_waits_for_room_is_told_at_once) {
  open();
  pipe_.write_room = 0;
  ASSERT_EQ(client_.send(std::string(498, 'x')), protocol::Result::accepted);
  step();
  pipe_.incoming = frame(9, "ping") + frame(1, "last words");
  step();
  pipe_.takes_no_more = true;
  pipe_.fail(Step::connect, PipeError::connection_lost, -14);
  EXPECT_TRUE(std::holds_alternative<protocol::Ping>(client_.poll(now_)));
  EXPECT_LE(client_.next_deadline(), now_) << "there is more at once";
  EXPECT_TRUE(std::holds_alternative<protocol::MessagePart>(next()));
  EXPECT_EQ(client_.send("more"), protocol::Result::dead);
  EXPECT_EQ(next_end().error, Error::connection_lost);
  EXPECT_EQ(client_.describe_end(), "the connection below was lost");
  EXPECT_FALSE(client_.is_open());
  EXPECT_FALSE(client_.is_busy());
}

TEST_F(Device, what_has_not_gone_out_when_the_pipe_is_freed_was_not_sent) {
  open();
  pipe_.write_room = 0;
  pipe_.incoming = frame(8, "\x03\xE8");
  EXPECT_TRUE(next_end().clean());
  now_ += 5s;
  step();
  EXPECT_FALSE(client_.is_busy());
  EXPECT_FALSE(client_.close_info().clean());
  EXPECT_EQ(client_.close_info().received, protocol::CloseCode::normal_closure);
}

TEST_F(Device, a_reply_that_waited_for_room_is_given_it_at_once) {
  open();
  pipe_.write_room = 0;
  ASSERT_EQ(client_.send(std::string(498, 'x')), protocol::Result::accepted);
  pipe_.incoming = frame(9, "ping") + frame(1, "behind it");
  EXPECT_EQ(client_.poll(now_).index(), 0U);
  pipe_.write_room = 1000;
  EXPECT_TRUE(std::holds_alternative<protocol::Ping>(client_.poll(now_))) << "nobody would call again for it";
  EXPECT_TRUE(std::holds_alternative<protocol::MessagePart>(client_.poll(now_)));
}

TEST_F(Device, an_echo_flushes_without_taking_more) {
  open();
  std::string expected;
  std::string echoed;
  for (int i = 0; i < 50; ++i) {
    const std::string text = "message " + std::to_string(i) + std::string(200, '.');
    pipe_.incoming += frame(2, text);
    expected += text;
  }
  pipe_.write_room = 0;
  int held_back = 0;
  for (int i = 0; i < 5000 && echoed.size() < expected.size(); ++i) {
    const protocol::Event event = client_.poll(now_);
    const auto* part = std::get_if<protocol::MessagePart>(&event);
    if (part == nullptr || part->bytes.empty()) continue;
    while (client_.send(part->bytes) == protocol::Result::would_block) {
      ASSERT_LT(++held_back, 1000);
      const std::size_t unread = pipe_.incoming.size();
      client_.flush();
      EXPECT_EQ(pipe_.incoming.size(), unread) << "the peer feels it";
      pipe_.write_room = 30;
    }
    echoed += text_of(part->bytes);  // it was valid all the time
  }
  EXPECT_EQ(echoed, expected);
  EXPECT_GT(held_back, 50);
}

TEST_F(Device, bytes_that_wait_to_be_read_are_a_sign_of_life_however_late_it_is) {
  open();
  now_ += 20s;
  step();  // the keepalive ping
  pipe_.incoming = frame(10, pipe_.outgoing.substr(6)) + frame(1, "here I am");
  now_ += 100s;
  EXPECT_FALSE(std::holds_alternative<protocol::Closed>(next()));
  EXPECT_TRUE(std::holds_alternative<protocol::MessagePart>(next()));
  EXPECT_TRUE(client_.is_open());
}

TEST_F(Device, a_poll_reads_once_however_much_comes) {
  open();
  for (int i = 0; i < 100; ++i) pipe_.incoming += frame(9, "ping");
  pipe_.at_once = 6;
  int events = 0;
  for (int i = 0; i < 100; ++i) events += client_.poll(now_).index() != 0 ? 1 : 0;
  EXPECT_EQ(events, 100);
  EXPECT_TRUE(pipe_.incoming.empty());
}

}  // namespace
}  // namespace test
