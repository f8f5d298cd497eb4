// Every operation is cancelled before its n-th intermediate handler, for every n.
#include <gtest/gtest.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <cpwebsockets/async_client.hpp>
#include <string>
#include <vector>

#include "../client/peer.hpp"

namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;
using asio::cancellation_type;
using test::Peer;
using test::Server;
using test::server_frame;

constexpr cancellation_type types[] = {cancellation_type::total, cancellation_type::partial,
                                       cancellation_type::terminal};

// A connection whose handlers are counted.
struct Steps {
  asio::io_context context{1};
  AsyncClient ws;
  std::vector<std::string> received;

  // Runs handlers until `is_over`, at most `most`.
  template <typename Condition>
  int run(Condition is_over, int most = 1'000'000) {
    int ran = 0;
    while (!is_over() && ran < most) {
      if (context.stopped()) context.restart();
      if (context.run_one_for(10s) == 0) {
        ADD_FAILURE() << "nothing happens";
        break;
      }
      ++ran;
    }
    return ran;
  }

  void open(const Server& server, const Options& options) {
    bool over = false;
    async_connect(context.get_executor(), server.url(), options, [&](std::error_code ec, AsyncClient client) {
      EXPECT_FALSE(ec);
      ws = std::move(client);
      over = true;
    });
    run([&] { return over; });
  }

  // What an echo server gives back up to and with "after".
  void send_and_receive_the_rest() {
    ws.async_send("after", [](std::error_code ec) { EXPECT_FALSE(ec); });
    while (received.empty() || received.back() != "after") {
      bool over = false;
      bool failed = false;
      ws.async_receive([&](std::error_code ec, Received<Message> message) {
        EXPECT_FALSE(ec);
        failed = !message;
        if (message) received.emplace_back(message->text());
        over = true;
      });
      run([&] { return over; });
      if (failed) return;
    }
  }

  void close() {
    bool over = false;
    ws.async_close([&](std::error_code) { over = true; });
    run([&] { return over; });
    EXPECT_TRUE(ws.close_info().clean());
  }
};

struct Outcome {
  std::error_code ec;
  int completions = 0;
};

// start(steps, slot, outcome) starts the operation; check(steps, outcome) is called when it is over.
template <typename Start, typename Check>
void cancel_at_every_step(const std::function<void(Peer&)>& script, bool connected, Start start,
                          Check check) {
  Options options;
  options.send_buffer_size = 4096;
  for (const cancellation_type type : types) {
    for (int n = 0, finished = 0; finished == 0; ++n) {
      ASSERT_LT(n, 1000);
      const Server server(script);
      Steps steps;
      if (connected) steps.open(server, options);
      asio::cancellation_signal signal;
      Outcome outcome;
      start(steps, server, signal.slot(), outcome);
      steps.run([&] { return outcome.completions > 0; }, n);
      finished = outcome.completions;
      signal.emit(type);
      steps.run([&] { return outcome.completions > 0; });
      check(steps, server, outcome);
      EXPECT_EQ(outcome.completions, 1);
    }
  }
}

auto completes(Outcome& outcome) {
  return [&outcome](std::error_code ec) {
    outcome.ec = ec;
    ++outcome.completions;
  };
}

void is_taken_or_not(Steps& steps, const Outcome& outcome, const std::string& message) {
  EXPECT_TRUE(!outcome.ec || outcome.ec == asio::error::operation_aborted) << outcome.ec;
  steps.send_and_receive_the_rest();
  EXPECT_EQ(steps.received,
            (outcome.ec ? std::vector<std::string>{"after"} : std::vector<std::string>{message, "after"}));
  steps.close();
}

TEST(async_cancel, connect) {
  cancel_at_every_step(
      test::open_and_echo, false,
      [](Steps& steps, const Server& server, asio::cancellation_slot slot, Outcome& outcome) {
        async_connect(steps.context.get_executor(), server.url(),
                      asio::bind_cancellation_slot(slot, [&](std::error_code ec, AsyncClient ws) {
                        outcome.ec = ec;
                        ++outcome.completions;
                        steps.ws = std::move(ws);
                      }));
      },
      [](Steps& steps, const Server& server, const Outcome& outcome) {
        // The server goes on even when the client never came.
        asio::ip::tcp::socket another(steps.context);
        another.connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(server.port())});
        EXPECT_EQ(steps.ws.is_open(), !outcome.ec);
        EXPECT_TRUE(!outcome.ec || outcome.ec == asio::error::operation_aborted) << outcome.ec;
        if (!outcome.ec) steps.close();
      });
}

TEST(async_cancel, a_message_that_fits) {
  cancel_at_every_step(
      test::open_and_echo, true,
      [](Steps& steps, const Server&, asio::cancellation_slot slot, Outcome& outcome) {
        steps.ws.async_send("small", asio::bind_cancellation_slot(slot, completes(outcome)));
      },
      [](Steps& steps, const Server&, const Outcome& outcome) { is_taken_or_not(steps, outcome, "small"); });
}

TEST(async_cancel, a_message_larger_than_the_buffer) {
  static const std::string large(300'000, 'x');
  cancel_at_every_step(
      test::open_and_echo, true,
      [](Steps& steps, const Server&, asio::cancellation_slot slot, Outcome& outcome) {
        steps.ws.async_send(large, asio::bind_cancellation_slot(slot, completes(outcome)));
      },
      [](Steps& steps, const Server&, const Outcome& outcome) {
        if (outcome.ec == ClientError::message_cut_short) {
          EXPECT_FALSE(steps.ws.is_open());
        } else {
          is_taken_or_not(steps, outcome, large);
        }
      });
}

TEST(async_cancel, receive) {
  const auto script = [](Peer& peer) {
    peer.open();
    peer.send(server_frame(0x01, "in "));
    peer.send(server_frame(0x89, "between"));
    peer.send(server_frame(0x80, "two"));
    peer.echo();
  };
  cancel_at_every_step(
      script, true,
      [](Steps& steps, const Server&, asio::cancellation_slot slot, Outcome& outcome) {
        steps.ws.async_receive(
            asio::bind_cancellation_slot(slot, [&](std::error_code ec, Received<Message> message) {
              EXPECT_EQ(message.stopped(), static_cast<bool>(ec));
              if (message) steps.received.emplace_back(message->text());
              completes(outcome)(ec);
            }));
      },
      [](Steps& steps, const Server&, const Outcome& outcome) {
        EXPECT_TRUE(!outcome.ec || outcome.ec == asio::error::operation_aborted) << outcome.ec;
        steps.send_and_receive_the_rest();
        EXPECT_EQ(steps.received, (std::vector<std::string>{"in two", "after"}));
        steps.close();
      });
}

TEST(async_cancel, ping) {
  cancel_at_every_step(
      test::open_and_echo, true,
      [](Steps& steps, const Server&, asio::cancellation_slot slot, Outcome& outcome) {
        steps.ws.async_ping("ping", asio::bind_cancellation_slot(slot, completes(outcome)));
      },
      [](Steps& steps, const Server&, const Outcome& outcome) {
        EXPECT_TRUE(!outcome.ec || outcome.ec == asio::error::operation_aborted) << outcome.ec;
        steps.send_and_receive_the_rest();
        EXPECT_EQ(steps.received, std::vector<std::string>{"after"});
        steps.close();
      });
}

TEST(async_cancel, close) {
  cancel_at_every_step(
      test::open_and_echo, true,
      [](Steps& steps, const Server&, asio::cancellation_slot slot, Outcome& outcome) {
        steps.ws.async_close(asio::bind_cancellation_slot(slot, completes(outcome)));
      },
      [](Steps& steps, const Server&, const Outcome& outcome) {
        EXPECT_TRUE(!outcome.ec || outcome.ec == asio::error::operation_aborted) << outcome.ec;
        EXPECT_FALSE(steps.ws.is_open());
        steps.close();
      });
}

}  // namespace
