// The blocking client: messages both ways, timeouts, threads, and its end.
#include <cpwebsockets/client.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <stop_token>
#include <thread>

#include "peer.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(Client, durations_at_their_extremes_are_waits) {
  Server server(open_and_echo);
  Client ws = connect(server.url(), {}, std::chrono::hours::max());
  std::error_code ec;
  const auto ends_at_once = [&](const Wait& wait) {
    EXPECT_FALSE(ws.receive(wait, ec));
    EXPECT_EQ(ec, std::errc::timed_out);
  };
  ends_at_once(std::chrono::seconds::min());
  ends_at_once(std::chrono::nanoseconds(-1));
  ends_at_once(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN()));
  ends_at_once(std::chrono::duration<double>(-std::numeric_limits<double>::infinity()));
  const auto waits = [&](const Wait& wait) {
    ws.send("echo", wait);
    const auto message = ws.receive(wait);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->text(), "echo");
  };
  waits(std::chrono::seconds::max());
  waits(std::chrono::hours::max());
  waits(std::chrono::nanoseconds::max());
  waits(std::chrono::milliseconds::max());
  waits(std::chrono::duration<double>(std::numeric_limits<double>::infinity()));
  waits(std::chrono::duration<std::int64_t, std::ratio<31556952>>::max());
  ws.close(1000, {}, std::chrono::seconds::max());
  EXPECT_TRUE(ws.close_info().clean());
}

TEST(Client, echoes_and_closes) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  EXPECT_TRUE(ws.is_open());
  ws.send("Hello");
  const auto text = ws.receive();
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->is_text());
  EXPECT_EQ(text->text(), "Hello");
  ws.send(bytes_of("\x00\xff"));
  EXPECT_FALSE(ws.receive()->is_text());
  ws.send("");
  EXPECT_EQ(ws.receive()->size(), 0U);
  ws.close(1000, "done");
  EXPECT_FALSE(ws.is_open());
  const CloseInfo info = ws.close_info();
  EXPECT_TRUE(info.clean());
  EXPECT_EQ(info.by, ClosedBy::us);
  EXPECT_EQ(info.code(), CloseCode::normal_closure);
  EXPECT_EQ(info.reason, "done");
  EXPECT_FALSE(ws.receive()) << "the end again, without an error";
  EXPECT_THROW(ws.send("late"), ConnectionError);
  ws.close();
}

TEST(Client, messages_of_every_size_come_back_by_every_form) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 70000U, 1U << 20, 3U << 20}) {
    std::string message(size, 'x');
    for (std::size_t i = 0; i < size; i += 97) message[i] = static_cast<char>('a' + i % 26);
    for (int form = 0; form < 3; ++form) {
      std::thread sender([&] { ws.send(message); });  // beside receiving: both directions are full with 3 MiB
      std::string received;
      if (form == 0) received = ws.receive()->text();
      if (form == 1) received = ws.receive_view()->text();
      for (bool last = form != 2; !last;) {
        const auto part = ws.receive_part();
        received.append(reinterpret_cast<const char*>(part->bytes.data()), part->bytes.size());
        last = part->last;
      }
      sender.join();
      ASSERT_EQ(received == message, true) << size << " by form " << form;
    }
  }
  ws.close();
}

TEST(Client, a_timeout_loses_nothing_and_can_be_repeated) {
  Server server([](Peer& peer) {
    peer.open();
    const std::string frame = server_frame(0x81, std::string(300, 'm')) + server_frame(0x82, "next");
    for (std::size_t at = 0; at < frame.size(); at += 10) {
      peer.send(std::string_view(frame).substr(at, 10));
      std::this_thread::sleep_for(3ms);
    }
    peer.await_close();
  });
  Client ws = connect(server.url());
  std::error_code ec;
  int timeouts = 0;
  Received<Message> message;
  while (!(message = ws.receive(2ms, ec)) && ec == std::errc::timed_out) ++timeouts;
  ASSERT_TRUE(message) << ec.message();
  EXPECT_EQ(message->text(), std::string(300, 'm'));
  EXPECT_GT(timeouts, 3);
  while (!(message = ws.receive(0ms, ec)) && ec == std::errc::timed_out) std::this_thread::sleep_for(1ms);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->text(), "next");
  EXPECT_TRUE(ws.receive(1ms).timed_out()) << "nothing is wrong";
  EXPECT_TRUE(ws.is_open());
}

TEST(Client, a_part_after_a_timed_out_receive_begins_at_the_beginning) {
  std::atomic<bool> go{false};
  Server server([&](Peer& peer) {
    peer.open();
    peer.send(server_frame(0x02, "begin "));
    while (!go) std::this_thread::sleep_for(1ms);
    peer.send(server_frame(0x80, "end"));
    peer.await_close();
  });
  Client ws = connect(server.url());
  std::error_code ec;
  EXPECT_FALSE(ws.receive(50ms, ec));
  EXPECT_EQ(ec, std::errc::timed_out);
  auto part = ws.receive_part();
  ASSERT_TRUE(part);
  EXPECT_TRUE(part->first);
  EXPECT_EQ(part->bytes.size(), 6U);
  go = true;
  part = ws.receive_part();
  EXPECT_TRUE(part->last);
  EXPECT_EQ(part->bytes.size(), 3U);
}

TEST(Client, a_stop_token_ends_every_wait) {
  Server server([](Peer& peer) {
    peer.open();
    peer.await_close();
  });
  Client ws = connect(server.url());
  std::stop_source source;
  std::thread stopper([&] {
    std::this_thread::sleep_for(30ms);
    source.request_stop();
  });
  std::error_code ec;
  EXPECT_FALSE(ws.receive(source.get_token(), ec));
  EXPECT_EQ(ec, std::errc::operation_canceled);
  stopper.join();
  EXPECT_FALSE(ws.receive({10s, source.get_token()}, ec));
  EXPECT_EQ(ec, std::errc::operation_canceled) << "stopped before it began";
  EXPECT_TRUE(ws.is_open()) << "nothing is lost";
}

TEST(Client, one_receives_while_others_send) {
  constexpr int senders = 3;
  constexpr int each = 300;
  Server server(open_and_echo);
  Client ws = connect(server.url());
  std::atomic<int> received{0};
  std::thread receiver([&] {
    while (received < senders * each) {
      const auto message = ws.receive(10s);
      if (!message) break;
      ++received;
    }
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; ++i) {
    threads.emplace_back([&, i] {
      const std::string text(static_cast<std::size_t>(100 * i + 1), static_cast<char>('a' + i));
      for (int n = 0; n < each; ++n) {
        ws.send(text);
        if (n % 50 == 0) ws.ping("p");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  receiver.join();
  EXPECT_EQ(received, senders * each);
  ws.close();
  EXPECT_TRUE(ws.close_info().clean());
}

TEST(Client, a_second_receiver_is_refused) {
  Server server([](Peer& peer) {
    peer.open();
    peer.await_close();
  });
  Client ws = connect(server.url());
  std::thread receiver([&] {
    std::error_code ec;
    EXPECT_FALSE(ws.receive(ec));
    EXPECT_FALSE(ec) << ec.message();
  });
  std::error_code ec;
  do {
    std::this_thread::sleep_for(5ms);
    static_cast<void>(ws.receive(0ms, ec));
  } while (ec == std::errc::timed_out);
  EXPECT_EQ(ec, std::errc::operation_in_progress);
  ws.close();  // while the other thread receives: it meets the answer
  receiver.join();
  EXPECT_TRUE(ws.close_info().clean());
}

TEST(Client, pings_are_measured) {
  Server server([](Peer& peer) {
    peer.open();
    const std::string payload = peer.receive_frame();
    std::this_thread::sleep_for(20ms);
    peer.send(server_frame(0x8A, payload) + server_frame(0x81, "after"));
    peer.await_close();
  });
  Client ws = connect(server.url());
  EXPECT_EQ(ws.round_trip(), 0us);
  ws.ping("are you there");
  static_cast<void>(ws.receive());
  EXPECT_GE(ws.round_trip(), 20ms);
  EXPECT_LT(ws.round_trip(), 5s);
  std::error_code ec;
  ws.ping(std::string(126, 'x'), {}, ec);
  EXPECT_EQ(ec, std::errc::invalid_argument);
}

TEST(Client, the_destructor_closes) {
  std::string close_payload;
  Server server([&](Peer& peer) {
    peer.open();
    close_payload = peer.receive_frame();
    peer.send(server_frame(0x88, close_payload));
  });
  { Client ws = connect(server.url()); }
  EXPECT_EQ(close_payload, "\x03\xe8");
}

TEST(Client, the_destructor_does_not_wait_for_ever) {
  Server server([](Peer& peer) {
    peer.open();
    peer.wait_for_eof();
  });
  Options options;
  options.close_timeout = 50ms;
  const auto begin = std::chrono::steady_clock::now();
  { Client ws = connect(server.url(), options); }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST(Client, a_lost_connection_has_a_cause) {
  Server server([](Peer& peer) {
    peer.open();
    peer.reset_at_end();
  });
  Client ws = connect(server.url());
  std::error_code ec;
  EXPECT_FALSE(ws.receive(5s, ec));
  EXPECT_EQ(ec, std::errc::connection_reset);
  EXPECT_EQ(ws.close_info().by, ClosedBy::network);
  EXPECT_EQ(ws.close_info().code(), CloseCode::abnormal_closure);
}

}  // namespace
}  // namespace test
