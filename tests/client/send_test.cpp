// The blocking client as it sends: batches, messages by pieces, full sockets.
#include <cpwebsockets/client.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "peer.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;

TEST(Client, a_stop_token_ends_a_send_that_takes_nothing_or_all) {
  std::atomic<bool> go{false};
  std::size_t received = 0;
  Server server([&](Peer& peer) {
    peer.open();
    while (!go) std::this_thread::sleep_for(1ms);
    for (std::string first;;) {
      const std::string payload = peer.receive_frame(&first);
      if (first.empty() || first == "\x88") break;
      EXPECT_EQ(payload.size(), 50'000U);
      ++received;
    }
    peer.send(server_frame(0x88, "\x03\xe8"));
  });
  Client ws = connect(server.url());
  const std::string message(50'000, 's');
  std::size_t accepted = 0;
  std::error_code ec;
  while (!ec && accepted < 1000) {
    std::stop_source source;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(20ms);
      source.request_stop();
    });
    ws.send(message, {10s, source.get_token()}, ec);
    accepted += !ec;
  }
  EXPECT_EQ(ec, std::errc::operation_canceled);
  EXPECT_TRUE(ws.is_open());
  go = true;
  ws.close();
  EXPECT_EQ(received, accepted);
}

TEST(Client, a_writer_streams_and_pings_go_between) {
  std::string seen;
  Server server([&](Peer& peer) {
    peer.open();
    for (std::string first; first != "\x80";) seen += peer.receive_frame(&first) + "|";
    peer.send(server_frame(0x81, "got it"));
    peer.await_close();
  });
  Client ws = connect(server.url());
  {
    MessageWriter writer = ws.begin_text();
    writer.append("one");
    ws.ping("p");
    writer.append("two");
    writer.finish();
  }
  EXPECT_EQ(ws.receive()->text(), "got it");
  EXPECT_EQ(seen, "one|p|two||");
}

TEST(Client, a_text_cannot_be_finished_inside_a_code_point) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  std::error_code ec;
  MessageWriter writer = ws.begin_text();
  writer.append("caf\xc3");
  writer.finish({}, ec);
  EXPECT_EQ(ec, ClientError::text_not_utf8);
  writer.append("\xff", {}, ec);
  EXPECT_EQ(ec, ClientError::text_not_utf8);
  EXPECT_EQ(writer.taken(), 0U);
  writer.append("\xa9");
  writer.finish();
  EXPECT_EQ(ws.receive()->text(), "caf\xc3\xa9") << "what was wrong was not taken";
}

TEST(Client, an_abandoned_writer_closes_the_connection) {
  std::string close_payload;
  Server server([&](Peer& peer) {
    peer.open();
    for (std::string first; first != "\x88";) close_payload = peer.receive_frame(&first);
    peer.send(server_frame(0x88, close_payload));
  });
  Client ws = connect(server.url());
  { ws.begin_binary().append("half"); }
  EXPECT_FALSE(ws.is_open());
  EXPECT_TRUE(ws.receive().ended());
  EXPECT_EQ(ws.close_info().sent, CloseCode::going_away);
}

TEST(Client, other_senders_do_not_wait_for_an_abandoned_writer) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  auto writer = std::make_optional(ws.begin_text());
  writer->append("half a message");
  std::error_code ec;
  std::jthread sender([&] { ws.send("in line", 30s, ec); });
  std::this_thread::sleep_for(20ms);
  const auto begin = std::chrono::steady_clock::now();
  writer.reset();
  sender.join();
  EXPECT_EQ(ec, std::errc::not_connected);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  ws.send("later", 30s, ec);
  EXPECT_EQ(ec, std::errc::not_connected);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(Client, a_writer_of_a_connection_that_ended_ends_as_well) {
  Server server([](Peer& peer) {
    peer.open();
    peer.send(server_frame(0x88, "\x03\xe9"));
    peer.await_close();
  });
  Client ws = connect(server.url());
  std::error_code ec;
  MessageWriter writer = ws.begin_text();
  EXPECT_FALSE(ws.receive(10s));
  writer.append("too late", {}, ec);
  EXPECT_EQ(ec, std::errc::not_connected);
  ws.send("later", 30s, ec);
  EXPECT_EQ(ec, std::errc::not_connected);
  writer.finish({}, ec);
  EXPECT_EQ(ec, std::errc::not_connected);
}

TEST(Client, other_senders_wait_for_a_writer_with_a_bound) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  MessageWriter writer = ws.begin_text();
  std::thread other([&] {
    std::error_code ec;
    ws.send("me too", 20ms, ec);
    EXPECT_EQ(ec, std::errc::timed_out);
  });
  other.join();
  writer.finish();
  ws.send("now");
  EXPECT_EQ(ws.receive()->text(), "");
  EXPECT_EQ(ws.receive()->text(), "now");
}

TEST(Client, a_batch_leaves_in_one_piece) {
  std::atomic<std::size_t> first_read{0};
  Server server([&](Peer& peer) {
    peer.open();
    first_read = peer.receive_some(4096).size();
    peer.send(server_frame(0x88, ""));
  });
  Client ws = connect(server.url());
  {
    const Batch batch = ws.batch();
    for (int i = 0; i < 100; ++i) ws.send("ten bytes!");
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(first_read, 0);
  }
  EXPECT_FALSE(ws.receive());
  EXPECT_EQ(first_read, 100 * 16);
}

TEST(Client, a_batch_leaves_before_a_wait) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  const Batch batch = ws.batch();
  ws.send("request");
  EXPECT_EQ(ws.receive(5s)->text(), "request");
}

TEST(Client, wrong_arguments_are_errors_and_change_nothing) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  std::error_code ec;
  ws.send("\xff", ec);
  EXPECT_EQ(ec, ClientError::text_not_utf8);
  ws.send(std::string(200'000, '\xff'), ec);
  EXPECT_EQ(ec, ClientError::text_not_utf8);
  ws.close(1005, "reason", {}, ec);
  EXPECT_EQ(ec, std::errc::invalid_argument);
  ws.close(999, "", {}, ec);
  EXPECT_EQ(ec, std::errc::invalid_argument);
  ws.close(1000, std::string(124, 'r'), {}, ec);
  EXPECT_EQ(ec, std::errc::invalid_argument);
  ws.send("still fine");
  EXPECT_EQ(ws.receive()->text(), "still fine");
}

TEST(Client, a_full_socket_times_out_and_the_message_is_whole) {
  std::atomic<bool> go{false};
  std::vector<std::size_t> sizes;
  Server server([&](Peer& peer) {
    peer.open();
    while (!go) std::this_thread::sleep_for(1ms);
    for (std::string first;;) {
      const std::string payload = peer.receive_frame(&first);
      if (first.empty() || first == "\x88") break;
      sizes.push_back(payload.size());
    }
    peer.send(server_frame(0x88, "\x03\xe8"));
  });
  Client ws = connect(server.url());
  const std::string message(50'000, 'f');
  std::error_code ec;
  std::size_t accepted = 0;
  while (accepted < 1000) {
    ws.send(message, 5ms, ec);
    if (ec) break;
    ++accepted;
  }
  EXPECT_EQ(ec, std::errc::timed_out);
  EXPECT_TRUE(ws.is_open());
  go = true;
  ws.send(message, 5s, ec);
  EXPECT_FALSE(ec) << ec.message();
  ws.close();
  EXPECT_EQ(sizes, std::vector<std::size_t>(accepted + 1, 50'000)) << "no half message, none lost";
}

TEST(Client, pings_are_answered_during_a_long_send) {
  std::atomic<bool> ponged{false};
  Server server([&](Peer& peer) {
    peer.open();
    std::this_thread::sleep_for(50ms);  // the client's socket fills
    peer.send(server_frame(0x89, "alive?"));
    std::this_thread::sleep_for(20ms);
    std::size_t size = 0;
    for (std::string first; first != "\x80";) {
      const std::string payload = peer.receive_frame(&first);
      ASSERT_FALSE(first.empty());
      if (first == "\x8A") ponged = payload == "alive?";
      if (first != "\x8A") size += payload.size();
    }
    EXPECT_EQ(size, 20'000'000U);
    peer.await_close();
  });
  Client ws = connect(server.url());
  ws.send(std::string(20'000'000, 'x'));
  EXPECT_TRUE(ponged) << "between the frames of the message, not after it";
  ws.close();
}

TEST(Client, a_receiver_that_comes_during_a_long_send_gets_its_place) {
  Server server([](Peer& peer) {
    peer.open();
    std::this_thread::sleep_for(50ms);
    peer.send(server_frame(0x81, "meanwhile"));
    std::this_thread::sleep_for(100ms);
    peer.await_close();
  });
  Client ws = connect(server.url());
  std::thread sender([&] { ws.send(std::string(20'000'000, 'x')); });
  std::this_thread::sleep_for(30ms);  // the sender waits for room by now, and answers pings
  std::error_code ec;
  for (int i = 0; i < 3; ++i) {
    const auto message = ws.receive(i == 0 ? 5s : 0s, ec);
    if (i == 0) {
      ASSERT_TRUE(message) << ec.message();
      EXPECT_EQ(message->text(), "meanwhile");
    } else {
      EXPECT_EQ(ec, std::errc::timed_out);
    }
  }
  sender.join();
  ws.close();
}

}  // namespace
}  // namespace test
