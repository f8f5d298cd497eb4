// The blocking client as it connects: every step, every option, and where randomness comes from.
#include <cpwebsockets/client.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <stop_token>
#include <thread>

#include "peer.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;

Failure failure_of(const std::string& url, const Options& options = {}) {
  std::error_code ec;
  const Client ws = connect(url, options, ec);
  EXPECT_TRUE(ec);
  EXPECT_FALSE(ws.is_open());
  return ws.failure();
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
  EXPECT_EQ(ws.failure().step, Step::handshake);
  stopper.join();
}

TEST(Client, a_client_that_was_never_connected_says_so) {
  Client ws;
  std::error_code ec;
  ws.send("x", ec);
  EXPECT_EQ(ec, std::errc::not_connected);
  EXPECT_FALSE(ws.receive(ec));
  EXPECT_EQ(ec, std::errc::not_connected);
  EXPECT_FALSE(ws.receive_view(ec));
  EXPECT_EQ(ec, std::errc::not_connected);
  EXPECT_FALSE(ws.receive_part(ec));
  EXPECT_EQ(ec, std::errc::not_connected);
  try {
    ws.send("x");
    ADD_FAILURE() << "did not throw";
  } catch (const ConnectionError& error) {
    EXPECT_STREQ(error.what(), "not connected");
  }
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

TEST(Connect, a_message_shows_no_secrets) {
  const auto about = [](const std::string& url) {
    const std::string sentence = failure_of(url).sentence;
    return sentence.substr(sentence.find('('));
  };
  EXPECT_EQ(about("http://user:secret@host/path?token=secret#x"), "(http://host/path?...)");
  EXPECT_EQ(about("user:secret@host"), "(host)");
  EXPECT_EQ(about("ws://a:secret@b@c/"), "(ws://c/)");
  EXPECT_EQ(about("ws://host:99999?secret"), "(ws://host:99999?...)");
  EXPECT_EQ(about("ws://host/\x1b[31m\r\n"), "(ws://host/\\x1b[31m\\x0d\\x0a)");
  EXPECT_EQ(about("ws://host/a@b c"), "(ws://host/a@b c)");
}

TEST(Connect, a_zone_stays_on_this_machine) {
  EXPECT_EQ(failure_of("ws://[fe80::1%25lo]:1/").step, Step::connect);
  EXPECT_EQ(failure_of("ws://[fe80::1%25no-such-interface]:1/").step, Step::resolve);
}

TEST(Connect, a_refusal_tells_status_headers_and_body) {
  Server server([](Peer& peer) {
    static_cast<void>(peer.receive_some(4096));
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
      options.close_timeout = options.connect_timeout = no_limit;
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

TEST(Connect, no_time_is_a_time) {
  Server server([](Peer& peer) { peer.wait_for_eof(); });
  Options options;
  options.handshake_timeout = 0ms;
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

}  // namespace
}  // namespace test
