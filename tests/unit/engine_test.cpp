// The core as the module's glue sees it, in C.
#include "../../bindings/circuitpython/engine.h"

#include "replay.hpp"

namespace test {
namespace {

class Engine : public testing::Test {
 protected:
  explicit Engine(bool as_client = true) {
    static constexpr std::uint8_t seed[CPWS_SEED_SIZE] = {1, 2, 3};
    cpws_settings_t settings{};
    settings.buffer = buffer_.data();
    settings.buffer_size = buffer_.size();
    settings.max_message_size = 1U << 20;
    settings.seed = seed;
    cpws_init(engine(), &settings);
    cpws_assume_open(engine(), as_client);
  }
  cpws_engine_t* engine() { return reinterpret_cast<cpws_engine_t*>(object_.data()); }

  std::string take(std::size_t most = ~std::size_t{0}) {
    std::size_t size = 0;
    const std::uint8_t* const data = cpws_to_send(engine(), &size);
    size = std::min(size, most);
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    cpws_sent(engine(), size);
    return bytes;
  }
  void give(std::string_view bytes) {
    std::size_t size = 0;
    std::uint8_t* const space = cpws_receive_space(engine(), &size);
    ASSERT_GE(size, bytes.size());
    std::copy(bytes.begin(), bytes.end(), space);
    cpws_received(engine(), bytes.size());
  }
  static cpws_outgoing_t outgoing(std::string_view bytes, std::size_t frame_size = 1U << 20) {
    return {
        reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), frame_size, true, false, false};
  }
  cpws_event_kind_t next() {
    cpws_event_t event{};
    return cpws_next(engine(), &event);
  }

  std::array<std::uint8_t, 1024> buffer_{};
  std::vector<std::uint64_t> object_ = std::vector<std::uint64_t>(cpws_engine_size() / 8 + 1);
};

class ServingEngine : public Engine {  // its frames are not masked: easy to read
 protected:
  ServingEngine() : Engine(false) {}
};

constexpr FrameSpec from_client{.masked = true};

TEST_F(ServingEngine, puts_a_message_of_any_size_as_one_frame) {
  const std::string text(5000, 't');
  cpws_outgoing_t message = outgoing(text);
  std::string out;
  cpws_result_t result = CPWS_WOULD_BLOCK;
  while ((result = cpws_put(engine(), &message)) == CPWS_WOULD_BLOCK) {
    EXPECT_TRUE(message.begun);
    EXPECT_TRUE(cpws_frame_is_unfinished(engine()));
    out += take(700);
  }
  EXPECT_EQ(result, CPWS_ACCEPTED);
  EXPECT_FALSE(cpws_frame_is_unfinished(engine()));
  EXPECT_EQ(out + take(), frame(1, text));
}

TEST_F(ServingEngine, larger_messages_leave_in_frames_of_the_chosen_size) {
  const std::string text(2500, 't');
  cpws_outgoing_t message = outgoing(text, 1000);
  std::string out;
  while (cpws_put(engine(), &message) == CPWS_WOULD_BLOCK) out += take();
  const std::string part(1000, 't');
  EXPECT_EQ(out + take(), frame(1, part, {.fin = false}) + frame(0, part, {.fin = false}) +
                              frame(0, std::string(500, 't')));
}

TEST_F(ServingEngine, takes_a_message_if_it_fits_beside_what_waits) {
  cpws_outgoing_t first = outgoing("first");
  ASSERT_EQ(cpws_put(engine(), &first), CPWS_ACCEPTED);
  const std::string text(800, 't');
  cpws_outgoing_t large = outgoing(text);
  EXPECT_EQ(cpws_put(engine(), &large), CPWS_WOULD_BLOCK);
  EXPECT_FALSE(large.begun) << "nothing was taken";
  EXPECT_EQ(large.size, text.size());
  cpws_outgoing_t second = outgoing("second", 2);
  EXPECT_EQ(cpws_put(engine(), &second), CPWS_ACCEPTED);
  cpws_outgoing_t in_too_many_frames = outgoing(std::string_view(text).substr(0, 100), 1);
  EXPECT_EQ(cpws_put(engine(), &in_too_many_frames), CPWS_WOULD_BLOCK);
  EXPECT_FALSE(in_too_many_frames.begun);
  take();
  EXPECT_EQ(cpws_put(engine(), &large), CPWS_WOULD_BLOCK);
  EXPECT_TRUE(large.begun);
}

TEST_F(ServingEngine, a_message_goes_on_in_parts) {
  cpws_outgoing_t part = outgoing("one");
  part.more = true;
  ASSERT_EQ(cpws_put(engine(), &part), CPWS_ACCEPTED);
  part = outgoing("");
  part.more = true;
  ASSERT_EQ(cpws_put(engine(), &part), CPWS_ACCEPTED);
  part = outgoing("");
  ASSERT_EQ(cpws_put(engine(), &part), CPWS_ACCEPTED);
  EXPECT_EQ(take(), frame(1, "one", {.fin = false}) + frame(0, ""));
}

TEST_F(ServingEngine, control_frames_are_answered_between_frames) {
  const std::string text(1500, 't');
  cpws_outgoing_t message = outgoing(text, 1000);
  ASSERT_EQ(cpws_put(engine(), &message), CPWS_WOULD_BLOCK);
  give(frame(9, "p", from_client) + frame(1, "data", from_client));
  EXPECT_TRUE(cpws_control_frame_is_next(engine()));
  EXPECT_FALSE(cpws_answer_control_frames(engine()));
  EXPECT_TRUE(cpws_control_frame_is_next(engine())) << "it waits for the end of the frame";
  std::string out = take();
  while (cpws_put(engine(), &message) == CPWS_WOULD_BLOCK) out += take();
  EXPECT_EQ(out + take(), frame(1, std::string(1000, 't'), {.fin = false}) + frame(10, "p") +
                              frame(0, std::string(500, 't')));
  EXPECT_FALSE(cpws_control_frame_is_next(engine()));
  EXPECT_EQ(next(), CPWS_PART) << "data stays";
}

TEST_F(ServingEngine, a_close_frame_between_frames_ends_the_message) {
  const std::string text(1500, 't');
  cpws_outgoing_t message = outgoing(text, 1000);
  ASSERT_EQ(cpws_put(engine(), &message), CPWS_WOULD_BLOCK);
  give(frame(8, std::string("\x03\xE9", 2), from_client));
  std::string out = take();
  cpws_result_t result = CPWS_WOULD_BLOCK;
  while ((result = cpws_put(engine(), &message)) == CPWS_WOULD_BLOCK) out += take();
  EXPECT_EQ(result, CPWS_DEAD);
  EXPECT_EQ(out + take(),
            frame(1, std::string(1000, 't'), {.fin = false}) + frame(8, std::string("\x03\xE9", 2)));
  EXPECT_EQ(next(), CPWS_CLOSED);
  EXPECT_EQ(next(), CPWS_CLOSED) << "now and later";
}

TEST_F(Engine, a_violation_beside_an_unfinished_frame_is_not_told) {
  const std::string text(5000, 't');
  cpws_outgoing_t message = outgoing(text);
  ASSERT_EQ(cpws_put(engine(), &message), CPWS_WOULD_BLOCK);
  give(unhex("83 00"));
  EXPECT_TRUE(cpws_answer_control_frames(engine()));
  cpws_end_t end{};
  cpws_end(engine(), &end);
  EXPECT_TRUE(end.is_violation);
  EXPECT_EQ(end.violation_code, 1002);
  EXPECT_EQ(end.sent, 0);
  EXPECT_EQ(cpws_put(engine(), &message), CPWS_DEAD);
  EXPECT_EQ(next(), CPWS_CLOSED);
}

TEST_F(Engine, text_that_is_not_utf8_is_not_taken_whole) {
  cpws_outgoing_t message = outgoing("caf\xC3");
  EXPECT_EQ(cpws_put(engine(), &message), CPWS_INVALID);
  EXPECT_TRUE(cpws_frame_is_unfinished(engine())) << "the connection can only be given up";
}

}  // namespace
}  // namespace test
