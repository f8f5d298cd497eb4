// What the client promises about ends, and about calls that only send.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "peer.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;

TEST(Promises, a_close_with_another_code_than_1000_is_seen_without_asking) {
  Server server([](Peer& peer) {
    peer.open();
    peer.send(server_frame(0x88, "\x03\xF3no luck"));
  });
  Client ws = connect(server.url());
  std::error_code ec;
  EXPECT_TRUE(ws.receive(ec).ended());
  EXPECT_EQ(ec, CloseCode::internal_error);
  EXPECT_EQ(ec, Condition::ended);
  EXPECT_NE(ec, Condition::repeat);
  EXPECT_NE(ws.failure(ec).sentence.find("no luck"), std::string::npos) << ws.failure(ec).sentence;
  ws.send("later", ec);
  EXPECT_EQ(ec, CloseCode::internal_error);
}

TEST(Promises, who_only_sends_answers_pings_and_learns_of_the_close) {
  std::atomic<bool> ponged{false};
  Server server([&](Peer& peer) {
    peer.open();
    peer.send(server_frame(0x89, "there?"));
    for (std::string first; !ponged;) {
      const std::string payload = peer.receive_frame(&first);
      if (first.empty()) return;
      if (first == "\x8A") ponged = payload == "there?";
    }
    peer.send(server_frame(0x88, "\x11\x31go away"));  // 4401
  });
  Client ws = connect(server.url());
  std::error_code ec;
  const auto bound = std::chrono::steady_clock::now() + 30s;
  while (!ec && std::chrono::steady_clock::now() < bound) {
    ws.send("tick", ec);
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_TRUE(ponged);
  EXPECT_EQ(ec, CloseCode{4401}) << ec.message();
  EXPECT_EQ(ws.close_info().reason, "go away");
}

TEST(Promises, a_message_that_was_cut_short_is_an_end_and_no_timeout) {
  std::atomic<bool> over{false};
  Server server([&](Peer& peer) {
    peer.open();
    while (!over) std::this_thread::sleep_for(1ms);
  });
  Client ws = connect(server.url());
  std::error_code ec;
  ws.send(std::string(50'000'000, 'x'), 100ms, ec);
  EXPECT_EQ(ec, ClientError::message_cut_short) << ec.message();
  for (int i = 0; i < 3; ++i) {
    ws.send("more", 1s, ec);
    EXPECT_EQ(ec, Condition::ended) << ec.message();
    EXPECT_NE(ec, Condition::repeat);
    EXPECT_TRUE(ws.receive(1s, ec).ended());
    EXPECT_EQ(ec, ClientError::message_cut_short) << ec.message();
  }
  EXPECT_EQ(ws.native_handle(), transport::no_handle);
  over = true;
}

TEST(Promises, the_tail_of_a_message_in_parts_is_no_message) {
  Server server([](Peer& peer) {
    peer.open();
    peer.send(server_frame(0x01, "head") + server_frame(0x80, "tail") + server_frame(0x81, "whole"));
    peer.await_close();
  });
  Client ws = connect(server.url());
  std::error_code ec;
  EXPECT_TRUE(ws.receive_part()->first);
  EXPECT_FALSE(ws.receive(ec));
  EXPECT_EQ(ec, ClientError::message_in_parts);
  EXPECT_TRUE(ws.receive_part()->last);
  EXPECT_EQ(ws.receive()->text(), "whole");
}

TEST(Promises, a_view_stays_as_it_is_while_another_thread_closes) {
  Server server([](Peer& peer) {
    peer.open();
    peer.send(server_frame(0x81, std::string(1000, 'v')));
    std::string first;
    const std::string payload = peer.receive_frame(&first);
    for (int i = 0; i < 100; ++i) peer.send(server_frame(0x81, std::string(1000, 'o')));
    peer.send(server_frame(0x88, payload));
  });
  Client ws = connect(server.url());
  const auto view = ws.receive_view();
  ASSERT_TRUE(view);
  std::thread closer([&] { ws.close(); });
  closer.join();
  EXPECT_EQ(view->text(), std::string(1000, 'v'));
  EXPECT_TRUE(ws.close_info().clean());
}

TEST(Promises, close_does_not_outlast_a_receiver_that_takes_one_last_message) {
  Server server([](Peer& peer) {
    peer.open();
    std::string first;
    const std::string payload = peer.receive_frame(&first);
    peer.send(server_frame(0x81, "last") + server_frame(0x88, payload));
  });
  Options options;
  options.close_timeout = 60s;
  Client ws = connect(server.url(), options);
  std::thread receiver([&] {
    std::error_code ec;
    const auto message = ws.receive(ec);
    EXPECT_TRUE(message ? message->text() == "last" : message.ended()) << ec.message();
  });
  const auto begin = std::chrono::steady_clock::now();
  ws.close();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 50s);
  EXPECT_TRUE(ws.close_info().clean());
  receiver.join();
}

}  // namespace
}  // namespace test
