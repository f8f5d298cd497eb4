// The asynchronous client against scripted peers in a thread.
#include <gtest/gtest.h>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/experimental/deferred.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <atomic>
#include <cpwebsockets/async_client.hpp>
#include <future>
#include <thread>

#include "../client/peer.hpp"

namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;
using test::Peer;
using test::Server;
using test::server_frame;

constexpr auto tuple = asio::experimental::as_tuple(asio::use_awaitable);

// Runs a coroutine to its end, within a bound, and rethrows what it throws.
template <typename Coroutine>
void run(asio::io_context& context, Coroutine coroutine) {
  std::exception_ptr thrown;
  bool is_over = false;
  asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr e) {
    thrown = e;
    is_over = true;
  });
  context.run_for(60s);
  if (thrown) std::rethrow_exception(thrown);
  ASSERT_TRUE(is_over);
}

template <typename Coroutine>
void run(Coroutine coroutine) {
  asio::io_context context(1);
  run(context, std::move(coroutine));
}

asio::awaitable<AsyncClient> open(const Server& server, const Options& options) {
  co_return co_await async_connect(co_await asio::this_coro::executor, server.url(), options,
                                   asio::use_awaitable);
}

asio::awaitable<AsyncClient> open(const Server& server) {
  co_return co_await async_connect(co_await asio::this_coro::executor, server.url(), asio::use_awaitable);
}

TEST(async, echo_and_close_by_coroutine) {
  const Server server(test::open_and_echo);
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server);
    EXPECT_TRUE(ws.is_open());
    co_await ws.async_send("hello", asio::use_awaitable);
    const auto message = co_await ws.async_receive(asio::use_awaitable);
    EXPECT_TRUE(message.has_value());
    EXPECT_EQ(message->text(), "hello");
    EXPECT_TRUE(message->is_text());
    const std::array<std::uint8_t, 3> bytes{1, 2, 3};
    co_await ws.async_send(bytes, asio::use_awaitable);
    const auto view = co_await ws.async_receive_view(asio::use_awaitable);
    EXPECT_EQ(view->bytes.size(), 3U);
    co_await ws.async_close(asio::use_awaitable);
    EXPECT_TRUE(ws.close_info().clean());
    EXPECT_FALSE(ws.is_open());
    const auto [ec, after] = co_await ws.async_receive(tuple);
    EXPECT_FALSE(ec);
    EXPECT_TRUE(after.ended());
    const auto [late] = co_await ws.async_send("late", tuple);
    EXPECT_EQ(late, std::errc::not_connected);
  });
}

TEST(async, callbacks_futures_and_deferred) {
  const Server server(test::open_and_echo);
  asio::io_context context(1);
  auto work = asio::make_work_guard(context);
  std::thread thread([&] { context.run(); });
  AsyncClient ws = async_connect(context.get_executor(), server.url(), asio::use_future).get();
  const auto on_context = [&](auto call) { asio::post(context, call); };
  std::promise<std::string> echoed;
  on_context([&] {
    ws.async_send("callback", [&](std::error_code sent) {
      EXPECT_FALSE(sent);
      auto receive = ws.async_receive(asio::experimental::deferred);
      std::move(receive)([&](std::error_code ec, Received<Message> message) {
        EXPECT_FALSE(ec);
        echoed.set_value(message ? std::string(message->text()) : "nothing");
      });
    });
  });
  EXPECT_EQ(echoed.get_future().get(), "callback");
  std::promise<void> closed;
  on_context([&] { ws.async_close([&](std::error_code) { closed.set_value(); }); });
  closed.get_future().get();
  work.reset();
  thread.join();
}

TEST(async, errors_tell_their_step) {
  run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    const auto [bad_url, none] = co_await async_connect(executor, "http://secret@x/", tuple);
    EXPECT_EQ(bad_url, protocol::Error::url_scheme);
    EXPECT_EQ(none.failure().step, Step::url);
    EXPECT_EQ(none.failure().sentence.find("secret"), std::string::npos);
    const auto [no_name, unknown] = co_await async_connect(executor, "ws://no-such-name.invalid/", tuple);
    EXPECT_TRUE(no_name);
    EXPECT_EQ(unknown.failure().step, Step::resolve);
    const auto [refused, lost] = co_await async_connect(executor, "ws://127.0.0.1:1/", tuple);
    EXPECT_EQ(refused, std::errc::connection_refused);
    EXPECT_EQ(lost.failure().step, Step::connect);
  });
}

TEST(async, a_refusal_is_an_error_with_its_status) {
  const Server server([](Peer& peer) {
    peer.receive_some(4096);
    peer.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nX-Why: because\r\n\r\nno");
  });
  run([&]() -> asio::awaitable<void> {
    const auto [ec, ws] = co_await async_connect(co_await asio::this_coro::executor, server.url(), tuple);
    EXPECT_EQ(ec, protocol::Error::handshake_refused);
    EXPECT_EQ(ws.failure().refusal.status, 401);
    EXPECT_EQ(ws.failure().refusal.header("x-why"), "because");
    EXPECT_EQ(ws.failure().refusal.body, "no");
  });
}

TEST(async, a_name_is_looked_up) {
  const Server server(test::open_and_echo);
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws =
        co_await async_connect(co_await asio::this_coro::executor,
                               "ws://localhost:" + std::to_string(server.port()), asio::use_awaitable);
    co_await ws.async_close(asio::use_awaitable);
    EXPECT_TRUE(ws.close_info().clean());
  });
}

TEST(async, the_opening_handshake_has_a_limit) {
  const Server server([](Peer& peer) { peer.wait_for_eof(); });
  Options options;
  options.handshake_timeout = 50ms;
  run([&]() -> asio::awaitable<void> {
    const auto [ec, ws] =
        co_await async_connect(co_await asio::this_coro::executor, server.url(), options, tuple);
    EXPECT_EQ(ec, std::errc::timed_out);
    EXPECT_EQ(ws.failure().step, Step::handshake);
  });
}

TEST(async, pings_are_answered_while_no_call_is_outstanding) {
  std::promise<std::string> pong;
  const Server server([&](Peer& peer) {
    peer.open();
    peer.send(server_frame(0x89, "are you there"));
    pong.set_value(peer.receive_frame());
    peer.await_close();
  });
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server);
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto answered = pong.get_future();
    for (int i = 0; i < 1000 && answered.wait_for(0s) != std::future_status::ready; ++i) {
      timer.expires_after(10ms);
      co_await timer.async_wait(asio::use_awaitable);
    }
    EXPECT_EQ(answered.wait_for(0s), std::future_status::ready);
    EXPECT_EQ(answered.get(), "are you there");
    co_await ws.async_close(asio::use_awaitable);
  });
}

// Nothing else comes that would set the client going.
TEST(async, a_ping_behind_the_handshake_or_a_message_is_answered) {
  std::vector<std::string> pongs;
  std::promise<void> answered;
  const Server server([&](Peer& peer) {
    // All in one: the blank line ends the header, and the last two bytes of the ping end what open() sends.
    const std::string ping = server_frame(0x89, "behind the handshake\r\n");
    peer.open("\r\n" + ping.substr(0, ping.size() - 2));
    pongs.push_back(peer.receive_frame());
    peer.send(server_frame(0x81, "message") + server_frame(0x89, "behind a message"));
    pongs.push_back(peer.receive_frame());
    answered.set_value();
    peer.await_close();
  });
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server);
    const auto message = co_await ws.async_receive_view(asio::use_awaitable);
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto done = answered.get_future();
    for (int i = 0; i < 1000 && done.wait_for(0s) != std::future_status::ready; ++i) {
      timer.expires_after(5ms);
      co_await timer.async_wait(asio::use_awaitable);
    }
    EXPECT_EQ(message->text(), "message");  // the view is still valid
    co_await ws.async_close(asio::use_awaitable);
  });
  EXPECT_EQ(pongs, (std::vector<std::string>{"behind the handshake\r\n", "behind a message"}));
}

TEST(async, a_silent_server_is_given_up_by_keepalive) {
  const Server server([](Peer& peer) {
    peer.open();
    peer.wait_for_eof();
  });
  Options options;
  options.ping_interval = options.pong_timeout = 40ms;
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server, options);
    const auto [ec, message] = co_await ws.async_receive(tuple);
    EXPECT_EQ(ec, protocol::Error::keepalive_timeout);
    EXPECT_TRUE(message.ended());
  });
}

TEST(async, a_flood_is_received_by_calls_and_by_take_ready) {
  constexpr int count = 20'000;
  const Server server([](Peer& peer) {
    peer.open();
    std::string frames;
    for (int i = 0; i < count; ++i) frames += server_frame(0x81, std::to_string(i));
    peer.send(frames);
    peer.await_close();
  });
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server);
    int next = 0;
    while (next < count) {
      auto view = co_await ws.async_receive_view(asio::use_awaitable);
      EXPECT_EQ(view->text(), std::to_string(next++));
      if (next % 3 != 0) continue;
      while (const auto ready = ws.take_ready()) {
        EXPECT_EQ(ready->text(), std::to_string(next++));
        if (next % 7 == 0) break;
      }
    }
    co_await ws.async_close(asio::use_awaitable);
  });
}

// Each handler starts the next call: were they run inside each other, the stack would show it.
TEST(async, immediate_completion_never_recurses) {
  constexpr int count = 20'000;
  const Server server([](Peer& peer) {
    peer.open();
    std::string frames;
    for (int i = 0; i < count; ++i) frames += server_frame(0x82, "x");
    peer.send(frames);
    peer.await_close();
  });
  asio::io_context context(1);
  int received = 0;
  int depth = 0;
  int deepest = 0;
  bool initiating = false;
  AsyncClient ws;
  std::function<void()> receive = [&] {
    initiating = true;
    ws.async_receive_view([&](std::error_code, Received<MessageView> view) {
      EXPECT_FALSE(initiating);
      deepest = std::max(deepest, ++depth);
      if (view && ++received < count) {
        receive();
      } else {
        ws.async_close(asio::detached);
      }
      --depth;
    });
    initiating = false;
  };
  async_connect(context.get_executor(), server.url(), [&](std::error_code ec, AsyncClient client) {
    ASSERT_FALSE(ec);
    ws = std::move(client);
    receive();
  });
  context.run_for(60s);
  EXPECT_EQ(received, count);
  EXPECT_EQ(deepest, 1);
}

TEST(async, sends_are_queued_in_order_and_wait_for_room) {
  const Server server(test::open_and_echo);
  Options options;
  options.send_buffer_size = 4096;
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server, options);
    constexpr int count = 200;
    std::vector<std::string> messages;
    for (int i = 0; i < count; ++i)
      messages.push_back(std::to_string(i) + std::string(static_cast<std::size_t>(i * 37 % 9000), 'x'));
    int sent = 0;
    std::size_t most_pending = 0;
    for (int i = 0; i < count; ++i) {
      ws.async_send(messages[static_cast<std::size_t>(i)], [&sent, i](std::error_code ec) {
        EXPECT_FALSE(ec);
        EXPECT_EQ(sent++, i);
      });
      most_pending = std::max(most_pending, ws.pending_bytes());
    }
    EXPECT_GT(most_pending, 100'000U);
    for (int i = 0; i < count; ++i) {
      const auto message = co_await ws.async_receive_view(asio::use_awaitable);
      EXPECT_EQ(message->text(), messages[static_cast<std::size_t>(i)]);
    }
    EXPECT_EQ(sent, count);
    EXPECT_EQ(ws.pending_bytes(), 0U);
    co_await ws.async_close(asio::use_awaitable);
  });
}

TEST(async, a_message_by_pieces_goes_before_those_that_wait) {
  std::vector<std::string> frames;
  const Server server([&](Peer& peer) {
    peer.open();
    for (std::string first;;) {
      const std::string payload = peer.receive_frame(&first);
      if (first.empty()) return;
      if (first == "\x88") return peer.send(server_frame(0x88, payload));
      frames.push_back(payload);
    }
  });
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server);
    co_await ws.async_begin_text(asio::use_awaitable);
    bool whole_sent = false;
    ws.async_send("whole", [&](std::error_code ec) {
      EXPECT_FALSE(ec);
      whole_sent = true;
    });
    co_await ws.async_append("one ", asio::use_awaitable);
    co_await ws.async_ping("ping", asio::use_awaitable);
    co_await ws.async_append("two", asio::use_awaitable);
    EXPECT_FALSE(whole_sent);
    co_await ws.async_finish(asio::use_awaitable);
    co_await ws.async_close(asio::use_awaitable);
    EXPECT_TRUE(whole_sent);
    const auto [ec] = co_await ws.async_append("late", tuple);
    EXPECT_EQ(ec, std::errc::not_connected);
  });
  EXPECT_EQ(frames, (std::vector<std::string>{"one ", "ping", "two", "", "whole"}));
}

TEST(async, a_cancelled_receive_loses_nothing) {
  using namespace asio::experimental::awaitable_operators;
  std::promise<void> go_on;
  const Server server([&](Peer& peer) {
    peer.open();
    const std::string frame = server_frame(0x81, "in two halves");
    peer.send(frame.substr(0, 7));
    go_on.get_future().wait();
    peer.send(frame.substr(7));
    peer.await_close();
  });
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server);
    asio::steady_timer timer(co_await asio::this_coro::executor, 50ms);
    const auto result =
        co_await (ws.async_receive(asio::use_awaitable) || timer.async_wait(asio::use_awaitable));
    EXPECT_EQ(result.index(), 1U);
    asio::cancellation_signal signal;
    std::error_code cancelled;
    ws.async_receive(
        asio::bind_cancellation_slot(signal.slot(), [&](std::error_code ec, Received<Message> message) {
          cancelled = ec;
          EXPECT_TRUE(message.stopped());
        }));
    signal.emit(asio::cancellation_type::total);
    go_on.set_value();
    const auto message = co_await ws.async_receive(asio::use_awaitable);
    EXPECT_EQ(message->text(), "in two halves");
    EXPECT_EQ(cancelled, asio::error::operation_aborted);
    co_await ws.async_close(asio::use_awaitable);
  });
}

TEST(async, cancelling_inside_a_large_message_ends_the_connection) {
  const Server server([](Peer& peer) {
    peer.open();
    peer.receive_some(1);
    std::this_thread::sleep_for(100ms);
  });
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server);
    const std::string large(64U << 20, 'x');
    const std::string small = "small";
    asio::cancellation_signal first;
    asio::cancellation_signal second;
    std::error_code large_ec;
    std::error_code small_ec;
    ws.async_send(large,
                  asio::bind_cancellation_slot(first.slot(), [&](std::error_code ec) { large_ec = ec; }));
    ws.async_send(small,
                  asio::bind_cancellation_slot(second.slot(), [&](std::error_code ec) { small_ec = ec; }));
    while (ws.pending_bytes() >= large.size() + small.size())
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    second.emit(asio::cancellation_type::total);
    first.emit(asio::cancellation_type::total);  // it has begun: no effect
    EXPECT_TRUE(ws.is_open());
    first.emit(asio::cancellation_type::terminal);
    const auto [ec, message] = co_await ws.async_receive(tuple);
    EXPECT_EQ(small_ec, asio::error::operation_aborted);
    EXPECT_EQ(large_ec, ClientError::message_cut_short);
    EXPECT_EQ(ec, ClientError::message_cut_short);
  });
}

TEST(async, a_server_that_takes_nothing_ends_a_send) {
  std::promise<void> over;
  const Server server([&](Peer& peer) {
    peer.open();
    over.get_future().wait();
  });
  Options options;
  options.send_timeout = 60ms;
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server, options);
    const auto [ec] = co_await ws.async_send(std::string(64U << 20, 'x'), tuple);
    EXPECT_EQ(ec, ClientError::message_cut_short);
    over.set_value();
  });
}

asio::awaitable<void> echo_fifty(const Server& server, int number) {
  AsyncClient ws = co_await open(server);
  for (int i = 0; i < 50; ++i) {
    const std::string message = std::to_string(number) + ":" + std::to_string(i);
    co_await ws.async_send(message, asio::use_awaitable);
    const auto reply = co_await ws.async_receive(asio::use_awaitable);
    EXPECT_EQ(reply->text(), message);
  }
  co_await ws.async_close(asio::use_awaitable);
  EXPECT_TRUE(ws.close_info().clean());
}

TEST(async, connections_on_strands_of_four_threads) {
  constexpr int count = 40;
  std::vector<std::unique_ptr<Server>> servers;
  asio::io_context context;
  std::atomic<int> over = 0;
  for (int i = 0; i < count; ++i) {
    servers.push_back(std::make_unique<Server>(test::open_and_echo));
    asio::co_spawn(asio::make_strand(context), echo_fifty(*servers.back(), i),
                   [&](std::exception_ptr thrown) {
                     EXPECT_FALSE(thrown);
                     ++over;
                   });
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { context.run_for(60s); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(over, count);
}

TEST(async, a_second_receiver_is_refused) {
  const Server server(test::open_and_echo);
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server);
    ws.async_receive([](std::error_code ec, Received<Message>) { EXPECT_EQ(ec, std::error_code()); });
    const auto [ec, message] = co_await ws.async_receive(tuple);
    EXPECT_EQ(ec, std::errc::operation_in_progress);
    co_await ws.async_close(asio::use_awaitable);
  });
}

TEST(async, destruction_ends_what_is_outstanding) {
  const Server server([](Peer& peer) {
    peer.open();
    peer.wait_for_eof();
  });
  std::error_code received;
  run([&]() -> asio::awaitable<void> {
    AsyncClient ws = co_await open(server);
    ws.async_receive([&](std::error_code ec, Received<Message>) { received = ec; });
  });
  EXPECT_EQ(received, asio::error::operation_aborted);
}

TEST(async, a_context_may_end_with_operations_outstanding) {
  const Server server([](Peer& peer) {
    peer.open();
    peer.wait_for_eof();
  });
  auto kept = std::make_shared<int>(1);
  {
    asio::io_context context(1);
    auto ws = std::make_shared<AsyncClient>();
    async_connect(context.get_executor(), server.url(),
                  [&, ws, kept](std::error_code ec, AsyncClient client) {
                    EXPECT_FALSE(ec);
                    *ws = std::move(client);
                    ws->async_receive([kept, ws](std::error_code, Received<Message>) { FAIL(); });
                    context.stop();
                  });
    context.run();
  }
  EXPECT_EQ(kept.use_count(), 1);
}

}  // namespace
