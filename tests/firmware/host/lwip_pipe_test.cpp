// The pipe on lwIP, over the real lwIP: names that answer late, addresses that do not, and ends of every
// kind.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "cpwebsockets/lwip/client.hpp"
#include "world.hpp"

namespace {

using namespace cpwebsockets;
using device::PipeState;
using host::Record;
using lwip::TcpPipe;

constexpr std::uint16_t port = 80;

class LwipPipe : public testing::Test {
 protected:
  void SetUp() override { host::start(); }
};

std::string read_all(device::Pipe& pipe) {
  std::string text;
  std::array<std::byte, 100> piece;
  for (std::size_t size; (size = pipe.read(piece)) > 0;)
    text.append(reinterpret_cast<const char*>(piece.data()), size);
  return text;
}

// --- Names ---

TEST_F(LwipPipe, connects_by_name) {
  host::Server server(host::good_address, port);
  TcpPipe pipe;
  pipe.open({"server.test", port});
  ASSERT_TRUE(host::is_asked_for("server.test"));
  EXPECT_EQ(pipe.poll(), PipeState::opening);
  host::answer("server.test", host::good_address);
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
  EXPECT_EQ(server.accepted, 1);
}

TEST_F(LwipPipe, connects_by_address_of_either_family) {
  host::Server server(host::good_address, port);
  host::Server server_6(host::good_address_6, port);
  TcpPipe pipe;
  pipe.open({host::good_address, port});
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
  pipe.open({host::good_address_6, port});
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
  EXPECT_EQ(server.accepted, 1);
  EXPECT_EQ(server_6.accepted, 1);
}

// A request must never go to the address of a name that was given up: it would go to a stranger.
TEST_F(LwipPipe, a_late_answer_for_another_name_leads_nowhere) {
  for (const bool late_one_first : {true, false}) {
    host::start();
    host::Server stranger(host::other_address, port);
    host::Server server(host::good_address, port);
    TcpPipe pipe;
    pipe.open({"slow.test", port});
    ASSERT_TRUE(host::is_asked_for("slow.test"));
    pipe.close();
    pipe.open({"server.test", port});
    ASSERT_TRUE(host::is_asked_for("server.test"));
    if (late_one_first) host::answer("slow.test", host::other_address);
    host::answer("server.test", host::good_address);
    if (!late_one_first) host::answer("slow.test", host::other_address);
    EXPECT_EQ(host::open_of(pipe), PipeState::open);
    EXPECT_EQ(stranger.accepted, 0);
    EXPECT_EQ(server.accepted, 1);
  }
}

TEST_F(LwipPipe, a_late_failure_of_another_name_fails_nothing) {
  host::Server server(host::good_address, port);
  TcpPipe pipe;
  pipe.open({"slow.test", port});
  ASSERT_TRUE(host::is_asked_for("slow.test"));
  pipe.close();
  pipe.open({"server.test", port});
  ASSERT_TRUE(host::is_asked_for("server.test"));
  host::answer("slow.test", nullptr);
  EXPECT_EQ(pipe.poll(), PipeState::opening);
  host::answer("server.test", host::good_address);
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
}

TEST_F(LwipPipe, a_late_answer_does_not_reach_a_connection_that_is_open_or_closed) {
  host::Server stranger(host::other_address, port);
  host::Server server(host::good_address, port);
  TcpPipe pipe;
  pipe.open({"slow.test", port});
  ASSERT_TRUE(host::is_asked_for("slow.test"));
  pipe.open({host::good_address, port});
  ASSERT_EQ(host::open_of(pipe), PipeState::open);
  host::answer("slow.test", host::other_address);
  EXPECT_EQ(pipe.poll(), PipeState::open);

  pipe.open({"slower.test", port});
  ASSERT_TRUE(host::is_asked_for("slower.test"));
  pipe.close();
  host::answer("slower.test", host::other_address);
  host::pass(1000);
  EXPECT_EQ(pipe.poll(), PipeState::ended);
  EXPECT_EQ(stranger.accepted, 0);
}

TEST_F(LwipPipe, the_same_name_again_uses_the_answer_of_its_own_question) {
  host::Server server(host::good_address, port);
  TcpPipe pipe;
  for (int i = 0; i < 3; ++i) {
    pipe.open({"server.test", port});
    ASSERT_TRUE(host::is_asked_for("server.test"));
  }
  host::answer("server.test", host::good_address);
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
  EXPECT_EQ(server.accepted, 1);
}

TEST_F(LwipPipe, two_pipes_wait_each_for_its_own_name) {
  host::Server first_server(host::good_address, port);
  host::Server second_server(host::other_address, port);
  TcpPipe first;
  TcpPipe second;
  first.open({"first.test", port});
  second.open({"second.test", port});
  ASSERT_TRUE(host::is_asked_for("first.test"));
  ASSERT_TRUE(host::is_asked_for("second.test"));
  host::answer("second.test", host::other_address);
  EXPECT_EQ(host::open_of(second), PipeState::open);
  EXPECT_EQ(first.poll(), PipeState::opening);
  host::answer("first.test", host::good_address);
  EXPECT_EQ(host::open_of(first), PipeState::open);
  EXPECT_EQ(first_server.accepted, 1);
  EXPECT_EQ(second_server.accepted, 1);
}

// lwIP's table holds a few questions, and those that were given up stay in it until they are answered.
TEST_F(LwipPipe, waits_while_lwip_can_take_no_more_questions) {
  host::Server server(host::good_address, port);
  TcpPipe pipe;
  const std::array given_up{"one.test", "two.test", "three.test"};
  for (const char* name : given_up) {
    pipe.open({name, port});
    ASSERT_TRUE(host::is_asked_for(name));
  }
  pipe.open({"server.test", port});
  EXPECT_EQ(host::open_of(pipe, 0), PipeState::opening);
  host::answer("two.test", nullptr);
  EXPECT_EQ(pipe.poll(), PipeState::opening);
  ASSERT_TRUE(host::is_asked_for("server.test"));
  host::answer("server.test", host::good_address);
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
}

TEST_F(LwipPipe, a_name_without_address_and_one_that_is_too_long) {
  TcpPipe pipe;
  pipe.open({"nowhere.test", port});
  for (const Record type : {Record::a, Record::aaaa}) {
    ASSERT_EQ(pipe.poll(), PipeState::opening);
    ASSERT_TRUE(host::is_asked_for("nowhere.test", type));
    host::answer("nowhere.test", nullptr, type);
  }
  EXPECT_EQ(host::open_of(pipe), PipeState::failed);
  EXPECT_EQ(pipe.failure().step, protocol::Step::resolve);
  EXPECT_EQ(pipe.failure().error, device::PipeError::host_not_found);

  const std::string long_name(300, 'x');
  pipe.open({long_name, port});
  EXPECT_EQ(pipe.poll(), PipeState::failed);
  EXPECT_EQ(pipe.failure().error, device::PipeError::host_not_found);
}

// --- Every address of a name: lwIP gives one of each family ---

TEST_F(LwipPipe, the_other_family_is_tried_when_an_address_refuses) {
  host::Server server(host::good_address_6, port);
  TcpPipe pipe;
  pipe.open({"server.test", port});
  ASSERT_TRUE(host::is_asked_for("server.test"));
  host::answer("server.test", host::good_address);  // where nobody listens
  for (int i = 0; i < 10 && pipe.poll() == PipeState::opening; ++i) host::pass(50);
  ASSERT_TRUE(host::is_asked_for("server.test", Record::aaaa));
  host::answer("server.test", host::good_address_6, Record::aaaa);
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
  EXPECT_EQ(server.accepted, 1);
}

TEST_F(LwipPipe, the_other_family_is_tried_when_an_address_is_silent) {
  host::Server server(host::good_address_6, port);
  TcpPipe pipe;
  pipe.open({"server.test", port});
  ASSERT_TRUE(host::is_asked_for("server.test"));
  host::answer("server.test", host::silent_address);
  for (int i = 0; i < 100 && pipe.poll() == PipeState::opening; ++i) host::pass(50);  // 5 s of lwIP's clock
  ASSERT_TRUE(host::is_asked_for("server.test", Record::aaaa));
  host::answer("server.test", host::good_address_6, Record::aaaa);
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
}

TEST_F(LwipPipe, a_name_with_an_ipv6_address_only) {
  host::Server server(host::good_address_6, port);
  TcpPipe pipe;
  pipe.open({"server.test", port});
  ASSERT_TRUE(host::is_asked_for("server.test"));
  host::answer("server.test", nullptr);
  static_cast<void>(pipe.poll());
  ASSERT_TRUE(host::is_asked_for("server.test", Record::aaaa));
  host::answer("server.test", host::good_address_6, Record::aaaa);
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
}

TEST_F(LwipPipe, the_failure_named_is_the_one_that_came_nearest) {
  TcpPipe pipe;
  pipe.open({"server.test", port});
  ASSERT_TRUE(host::is_asked_for("server.test"));
  host::answer("server.test", host::good_address);
  for (int i = 0; i < 10 && pipe.poll() == PipeState::opening; ++i) host::pass(50);
  ASSERT_TRUE(host::is_asked_for("server.test", Record::aaaa));
  host::answer("server.test", nullptr, Record::aaaa);
  EXPECT_EQ(host::open_of(pipe), PipeState::failed);
  EXPECT_EQ(pipe.failure().step, protocol::Step::connect);
  EXPECT_EQ(pipe.failure().error, device::PipeError::connection_refused);
}

// --- Destruction ---

TEST_F(LwipPipe, may_be_destroyed_while_a_name_is_looked_up) {
  host::Server stranger(host::other_address, port);
  auto pipe = std::make_unique<TcpPipe>();
  TcpPipe other;
  pipe->open({"slow.test", port});
  other.open({"other.test", port});
  ASSERT_TRUE(host::is_asked_for("slow.test"));
  ASSERT_TRUE(host::is_asked_for("other.test"));
  pipe.reset();
  host::answer("slow.test", host::other_address);
  EXPECT_EQ(stranger.accepted, 0);
  host::answer("other.test", host::other_address);
  EXPECT_EQ(host::open_of(other), PipeState::open);
}

TEST_F(LwipPipe, may_be_destroyed_while_it_connects) {
  auto pipe = std::make_unique<TcpPipe>();
  pipe->open({host::silent_address, port});
  EXPECT_EQ(pipe->poll(), PipeState::opening);
  pipe.reset();
  host::pass(60'000);
}

TEST_F(LwipPipe, may_be_destroyed_while_it_is_open) {
  host::Server server(host::good_address, port);
  auto pipe = std::make_unique<TcpPipe>();
  pipe->open({host::good_address, port});
  ASSERT_EQ(host::open_of(*pipe), PipeState::open);
  server.send("unread");
  host::pump();
  pipe.reset();
  host::pump();
  EXPECT_EQ(server.ended, 1);
  server.send("for nobody");
  host::pass(1000);
  server.reset();
  host::pass(1000);
}

// --- Ends ---

TEST_F(LwipPipe, bytes_go_both_ways_and_the_end_comes_behind_them) {
  host::Server server(host::good_address, port);
  TcpPipe pipe;
  pipe.open({host::good_address, port});
  ASSERT_EQ(host::open_of(pipe), PipeState::open);
  const std::string hello = "hello";
  EXPECT_EQ(pipe.write(std::as_bytes(std::span(hello))), hello.size());
  host::pass(100);
  EXPECT_EQ(server.received, hello);
  server.send("back");
  host::pass(100);
  EXPECT_EQ(read_all(pipe), "back");
  EXPECT_EQ(pipe.poll(), PipeState::open);
}

TEST_F(LwipPipe, what_came_before_a_reset_is_read_before_it_is_told) {
  host::Server server(host::good_address, port);
  TcpPipe pipe;
  pipe.open({host::good_address, port});
  ASSERT_EQ(host::open_of(pipe), PipeState::open);
  server.send("last words");
  host::pump();
  server.reset();
  host::pump();
  EXPECT_EQ(pipe.poll(), PipeState::open);
  EXPECT_EQ(pipe.write(std::as_bytes(std::span("x", 1))), device::Pipe::gone)
      << "though there is more to read";
  EXPECT_EQ(read_all(pipe), "last words");
  EXPECT_EQ(pipe.poll(), PipeState::failed);
  EXPECT_EQ(pipe.failure().error, device::PipeError::connection_lost);
  EXPECT_EQ(pipe.write(std::as_bytes(std::span("x", 1))), device::Pipe::gone);
}

TEST_F(LwipPipe, a_server_that_refuses_is_reported_so) {
  TcpPipe pipe;
  pipe.open({host::good_address, port});
  EXPECT_EQ(host::open_of(pipe), PipeState::failed);
  EXPECT_EQ(pipe.failure().error, device::PipeError::connection_refused);
  host::Server server(host::good_address, port);
  pipe.open({host::good_address, port});
  EXPECT_EQ(host::open_of(pipe), PipeState::open);
}

// --- The client that holds all of it ---

// What a base class is given must exist before it: bases are constructed in the order of their addresses.
TEST_F(LwipPipe, the_client_is_made_after_its_pipe) {
  host::Server server(host::good_address, port);
  const auto client = std::make_unique<lwip::Client<>>(protocol::Config{});
  const auto* pipe = static_cast<const void*>(&client->tcp());
  EXPECT_LT(pipe, static_cast<const void*>(static_cast<const device::Client*>(client.get())));
}

}  // namespace
