// The blocking client: its calls, its waits, its errors.
#include <cpwebsockets/client.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <stop_token>

#include "client/random_pool.hpp"
#include "peer.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;

void open_and_echo(Peer& peer) {
  peer.open();
  peer.echo();
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
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
  EXPECT_EQ(info.code(), 1000);
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
  std::optional<Message> message;
  while (!(message = ws.receive(2ms, ec)) && ec == std::errc::timed_out) ++timeouts;
  ASSERT_TRUE(message) << ec.message();
  EXPECT_EQ(message->text(), std::string(300, 'm'));
  EXPECT_GT(timeouts, 3);
  while (!(message = ws.receive(0ms, ec)) && ec == std::errc::timed_out) std::this_thread::sleep_for(1ms);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->text(), "next");
  EXPECT_THROW(static_cast<void>(ws.receive(1ms)), ConnectionError);
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

TEST(Client, a_stop_token_ends_connecting) {
  Server server([](Peer& peer) { peer.wait_for_eof(); });
  std::stop_source source;
  std::thread stopper([&] {
    std::this_thread::sleep_for(30ms);
    source.request_stop();
  });
  std::error_code ec;
  Client ws = connect(server.url(), {}, source.get_token(), ec);
  EXPECT_EQ(ec, std::errc::operation_canceled);
  EXPECT_EQ(ws.close_info().failure.step, Step::handshake);
  stopper.join();
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
  EXPECT_EQ(ws.close_info().sent, 1001);
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
    peer.wait_for_eof();
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
  std::atomic<ssize_t> first_read{0};
  Server server([&](Peer& peer) {
    peer.open();
    char block[4096];
    first_read = ::recv(peer.descriptor(), block, sizeof block, 0);
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

TEST(Client, wrong_arguments_are_errors_and_change_nothing) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  std::error_code ec;
  ws.send("\xff", ec);
  EXPECT_EQ(ec, protocol::Error::invalid_utf8);
  ws.send(std::string(200'000, '\xff'), ec);
  EXPECT_EQ(ec, protocol::Error::invalid_utf8);
  ws.close(1005, "reason", {}, ec);
  EXPECT_EQ(ec, std::errc::invalid_argument);
  ws.close(999, "", {}, ec);
  EXPECT_EQ(ec, std::errc::invalid_argument);
  ws.close(1000, std::string(124, 'r'), {}, ec);
  EXPECT_EQ(ec, std::errc::invalid_argument);
  ws.send("still fine");
  EXPECT_EQ(ws.receive()->text(), "still fine");
}

TEST(Client, a_client_that_was_never_connected_says_so) {
  Client ws;
  std::error_code ec;
  ws.send("x", ec);
  EXPECT_EQ(ec, std::errc::not_connected);
  EXPECT_FALSE(ws.receive(ec));
  EXPECT_EQ(ec, std::errc::not_connected);
  ws.ping(ec);
  EXPECT_EQ(ec, std::errc::not_connected);
  ws.close(ec);
  EXPECT_FALSE(ec);
  EXPECT_FALSE(ws.is_open());
  EXPECT_EQ(ws.native_handle(), -1);
  { const Batch batch = ws.batch(); }
  MessageWriter writer = ws.begin_text({}, ec);
  writer.append("x", {}, ec);
  EXPECT_EQ(ec, std::errc::not_connected);
}

TEST(Client, moves) {
  Server server(open_and_echo);
  Client first = connect(server.url());
  Client second = std::move(first);
  second.send("moved");
  EXPECT_EQ(second.receive()->text(), "moved");
  first = std::move(second);
  EXPECT_TRUE(first.is_open());
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

TEST(Client, a_lost_connection_has_a_cause) {
  Server server([](Peer& peer) {
    peer.open();
    const linger now{1, 0};
    ::setsockopt(peer.descriptor(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  });
  Client ws = connect(server.url());
  std::error_code ec;
  EXPECT_FALSE(ws.receive(5s, ec));
  EXPECT_EQ(ec, std::errc::connection_reset);
  EXPECT_EQ(ws.close_info().by, ClosedBy::network);
  EXPECT_EQ(ws.close_info().code(), 1006);
}

// --- Errors of connecting
// ------------------------------------------------------------------------------------------

Failure failure_of(const std::string& url, const Options& options = {}) {
  std::error_code ec;
  const Client ws = connect(url, options, ec);
  EXPECT_TRUE(ec);
  EXPECT_FALSE(ws.is_open());
  return ws.close_info().failure;
}

TEST(Connect, each_step_names_itself) {
  EXPECT_EQ(failure_of("http://x").sentence, "URL: the URL must start with ws:// or wss:// (http://x)");
  const Failure resolve = failure_of("ws://does-not-exist.invalid/");
  EXPECT_EQ(resolve.step, Step::resolve);
  EXPECT_EQ(resolve.code.category(), resolve_category());
  EXPECT_NE(resolve.sentence.find("does-not-exist.invalid"), std::string::npos);
  const Failure refused = failure_of("ws://127.0.0.1:1/");
  EXPECT_EQ(refused.step, Step::connect);
  EXPECT_EQ(refused.code, std::errc::connection_refused);
  EXPECT_EQ(refused.sentence, "connect: Connection refused (127.0.0.1:1)");
  EXPECT_EQ(failure_of("ws://[::1]:1/").step, Step::connect);
  try {
    static_cast<void>(connect("ws://127.0.0.1:1/"));
    FAIL();
  } catch (const ConnectionError& error) {
    EXPECT_EQ(error.step(), Step::connect);
    EXPECT_EQ(error.code(), std::errc::connection_refused);
    EXPECT_STREQ(error.what(), "connect: Connection refused (127.0.0.1:1)");
  }
}

TEST(Connect, a_refusal_tells_status_headers_and_body) {
  Server server([](Peer& peer) {
    char block[4096];
    static_cast<void>(::recv(peer.descriptor(), block, sizeof block, 0));
    peer.send("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 6\r\n\r\nno key");
  });
  const Failure failure = failure_of(server.url());
  EXPECT_EQ(failure.sentence, "handshake refused: HTTP 401 (expected 101)");
  EXPECT_EQ(failure.refusal.status, 401);
  ASSERT_EQ(failure.refusal.headers.size(), 2U);
  EXPECT_EQ(failure.refusal.headers[0].second, "Basic");
  EXPECT_EQ(failure.refusal.body, "no key");
}

TEST(Connect, bad_options_are_errors) {
  Options options;
  options.headers = {{"X", "a\r\nb"}};
  Server server([](Peer& peer) { peer.wait_for_eof(); });
  EXPECT_EQ(failure_of(server.url(), options).code, protocol::Error::invalid_header_value);
}

TEST(Connect, buffer_sizes_out_of_range_are_errors) {
  for (auto size : {&Options::receive_buffer_size, &Options::send_buffer_size}) {
    Options options;
    options.*size = 255;
    Server server([](Peer& peer) { peer.wait_for_eof(); });
    const bool receives = size == &Options::receive_buffer_size;
    EXPECT_EQ(failure_of(server.url(), options).code,
              receives ? protocol::Error::receive_buffer_too_small : protocol::Error::request_too_large);
    options.*size = ~std::size_t{0};
    EXPECT_EQ(failure_of("ws://127.0.0.1:1/", options).code, std::errc::not_enough_memory);
  }
}

TEST(Connect, times_without_end_do_not_overflow) {
  Options options;
  options.handshake_timeout = options.ping_interval = options.pong_timeout = options.send_timeout =
      options.close_timeout = options.connect_timeout = std::chrono::milliseconds::max();
  Server server(open_and_echo);
  Client ws = connect(server.url(), options);
  ws.send("hello");
  EXPECT_EQ(ws.receive(10s)->text(), "hello");
  ws.close();
  EXPECT_TRUE(ws.close_info().clean());
}

TEST(Connect, compression_options_out_of_range_are_errors) {
  Options options;
  options.compression.emplace();
  options.compression->memory_level = 200;
  Server server([](Peer& peer) { peer.wait_for_eof(); });
  EXPECT_EQ(failure_of(server.url(), options).code, protocol::Error::extension_unusable);
}

TEST(Connect, a_silent_server_times_out) {
  Server server([](Peer& peer) { peer.wait_for_eof(); });
  Options options;
  options.handshake_timeout = 50ms;
  EXPECT_EQ(failure_of(server.url(), options).code, protocol::Error::handshake_timeout);
}

TEST(Connect, says_all_that_was_asked_for) {
  std::string request;
  Server server([&](Peer& peer) {
    peer.open("Sec-WebSocket-Protocol: b\r\n");
    request = peer.request();
    peer.await_close();
  });
  Options options;
  options.headers = {{"X-One", "1"}};
  options.origin = "https://o.example";
  options.subprotocols = {"a", "b"};
  const std::string url = server.url("/p%20q?r=s");
  Client ws = connect(url.substr(0, 5) + "user:pa%3Ass@" + url.substr(5), options);
  EXPECT_EQ(ws.subprotocol(), "b");
  ws.close();
  for (const char* line :
       {"GET /p%20q?r=s HTTP/1.1\r\n", "\r\nOrigin: https://o.example\r\n", "\r\nX-One: 1\r\n",
        "\r\nSec-WebSocket-Protocol: a, b\r\n", "\r\nAuthorization: Basic dXNlcjpwYTpzcw==\r\n"}) {
    EXPECT_NE(request.find(line), std::string::npos) << request;
  }
}

// --- Randomness
// ----------------------------------------------------------------------------------------------------

TEST(RandomPool, gives_each_byte_once_and_none_of_them_again_after_a_fork) {
  RandomPool pool;
  std::array<std::byte, 64> ours{};
  ASSERT_TRUE(pool.fill(ours));
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  std::array<std::byte, 64> bytes{};
  if (child == 0) {
    const bool filled = pool.fill(bytes);
    const bool written =
        ::write(pipe_ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    ::_exit(filled && written ? 0 : 1);
  }
  ASSERT_TRUE(pool.fill(ours));
  ASSERT_EQ(::read(pipe_ends[0], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_NE(ours, bytes);
  std::array<std::byte, 5000> larger_than_the_pool{};
  EXPECT_TRUE(pool.fill(larger_than_the_pool));
  const std::array<std::byte, 64> zeros{};
  EXPECT_FALSE(std::equal(zeros.begin(), zeros.end(), larger_than_the_pool.end() - 64));
}

}  // namespace
}  // namespace test
