// What a connection does because time passes: keepalive, and what it measures.
#include "open_client.hpp"

namespace test {
namespace {

using protocol::Result;
using std::chrono::milliseconds;

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

}  // namespace
}  // namespace test
