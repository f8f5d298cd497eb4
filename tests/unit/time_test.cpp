// What a connection does because time passes: keepalive, and what it measures.
#include "open_client.hpp"

namespace test {
namespace {

using protocol::Result;

template <typename Moment>
concept IsTold = requires(protocol::Connection& connection, Moment moment) {
  connection.poll(moment);
};
static_assert(IsTold<protocol::Time>);
static_assert(!IsTold<std::chrono::seconds>, "how long is no time");
static_assert(!IsTold<std::chrono::steady_clock::time_point>, "nor is what another clock says");

TEST_F(OpenClient, pongs_are_measured) {
  connection_->poll(at(1000ms));
  EXPECT_EQ(connection_->ping(bytes_of("abc")), Result::accepted);
  give(frame(10, "other") + frame(10, "abc") + frame(10, "abc"));
  connection_->poll(at(1042ms));
  EXPECT_FALSE(expect_event<protocol::Pong>().round_trip);
  EXPECT_EQ(expect_event<protocol::Pong>().round_trip, 42ms);
  EXPECT_FALSE(expect_event<protocol::Pong>().round_trip) << "answered already";
  EXPECT_EQ(connection_->round_trip(), 42ms);
}

TEST_F(OpenClient, silence_is_pinged_and_then_ends_the_connection) {
  EXPECT_EQ(connection_->next_deadline(), at(20'000ms));
  connection_->poll(at(20'000ms));
  EXPECT_EQ(take().substr(0, 2), unhex("89 84"));
  EXPECT_EQ(connection_->next_deadline(), at(40'000ms));
  connection_->poll(at(39'999ms));
  expect_event<std::monostate>();
  connection_->poll(at(40'000ms));
  EXPECT_EQ(expect_event<protocol::Closed>().info.error, protocol::Error::keepalive_timeout);
  EXPECT_TRUE(connection_->to_send().empty());
}

TEST_F(OpenClient, a_peer_that_left_no_room_for_a_ping_was_not_pinged) {
  ASSERT_EQ(connection_->send(protocol::Opcode::binary, bytes_of(std::string(1008, 'x'))), Result::accepted);
  connection_->poll(at(20s));
  connection_->poll(at(40s));
  const auto info = expect_event<protocol::Closed>().info;
  EXPECT_EQ(info.error, protocol::Error::keepalive_without_ping);
  EXPECT_EQ(connection_->transport(), protocol::Transport::close) << "nobody is waited for";
  EXPECT_EQ(connection_->next_deadline(), protocol::Time::max());
}

TEST_F(OpenClient, after_silence_nobody_is_waited_for) {
  connection_->poll(at(20s));
  take();
  connection_->poll(at(40s));
  EXPECT_EQ(expect_event<protocol::Closed>().info.error, protocol::Error::keepalive_timeout);
  EXPECT_EQ(connection_->transport(), protocol::Transport::close);
  EXPECT_EQ(connection_->next_deadline(), protocol::Time::max());
}

TEST_F(OpenClient, any_received_byte_counts_as_life) {
  connection_->poll(at(20'000ms));
  take();
  give(frame(2, std::string(100, 'x')).substr(0, 1));
  connection_->poll(at(40'000ms));
  expect_event<std::monostate>();
  EXPECT_EQ(connection_->next_deadline(), at(60'000ms));
}

// One spelling for all of the times: no_limit is no limit, and 0 is no time.
constexpr auto times = {&protocol::Config::handshake_timeout, &protocol::Config::ping_interval,
                        &protocol::Config::pong_timeout, &protocol::Config::close_timeout};

TEST_F(OpenClient, without_limits_every_step_waits) {
  open([](protocol::Config& config) {
    for (const auto time : times) config.*time = protocol::no_limit;
  });
  EXPECT_EQ(connection_->next_deadline(), protocol::Time::max()) << "never pings";
  connection_->poll(at(1h));
  take();
  ASSERT_EQ(connection_->close(), Result::accepted);
  EXPECT_EQ(connection_->next_deadline(), protocol::Time::max());
  give(frame(8, close_payload(1000)));
  connection_->poll(at(2h));
  expect_event<protocol::Closed>();
  connection_->poll(at(1000h));
  EXPECT_EQ(connection_->next_deadline(), protocol::Time::max());
  EXPECT_EQ(connection_->transport(), protocol::Transport::await_eof) << "however long that takes";
  connection_->received_eof();
  EXPECT_EQ(connection_->transport(), protocol::Transport::close);
}

TEST_F(OpenClient, without_time_no_step_waits) {
  open([](protocol::Config& config) { config.close_timeout = protocol::Duration(0); });
  connection_->poll(at(1s));
  ASSERT_EQ(connection_->close(), Result::accepted);
  EXPECT_EQ(connection_->next_deadline(), at(1s));
  connection_->poll(at(1s));
  EXPECT_EQ(expect_event<protocol::Closed>().info.error, protocol::Error::close_timeout);
}

}  // namespace
}  // namespace test
