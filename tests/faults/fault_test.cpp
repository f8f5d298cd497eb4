// Fail-at-step-n: a whole conversation is run again and again, with the n-th system call failing, short or
// blocking, for every n. What fails must fail with a typed error, and what is only short or late must change
// nothing.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "client/peer.hpp"
#include "wrapped_calls.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;

// What happened, for comparison; "error" where a call reported one.
std::string converse(const std::string& url, std::error_code& ec) {
  Options options;
  if (const char* ca_file = std::getenv("CPWS_CACERT")) options.tls.ca_file = ca_file;
  options.close_timeout = 300ms;
  options.handshake_timeout = 2s;
  options.send_timeout = 2s;
  Client ws = connect(url, options, ec);
  if (ec) return "not connected";
  std::string story = "open";
  ws.send("small", ec);
  if (ec) return story;
  const auto small = ws.receive(2s, ec);
  if (!small) return story;
  story += " " + std::string(small->text());
  ws.ping(ec);
  if (ec) return story;
  const std::string large(150'000,
                          'l');  // larger than the buffers: by pieces, and read straight into the message
  ws.send(large, ec);
  if (ec) return story;
  std::size_t pieces = 0;
  std::string received;
  while (received.size() < large.size()) {
    const auto view = ws.receive_view(2s, ec);
    if (!view) return story;
    received += view->text();
    ++pieces;
  }
  story += received == large ? " large" : " DIFFERENT";
  if (pieces != 1) story += " in pieces";
  {
    MessageWriter writer = ws.begin_text({}, ec);
    if (!ec) writer.append("by ", {}, ec);
    if (!ec) writer.append("pieces", {}, ec);
    if (!ec) writer.finish({}, ec);
    if (ec) return story;
  }
  for (std::string whole; whole != "by pieces";) {
    const auto part = ws.receive_part(2s, ec);
    if (!part) return story;
    whole.append(reinterpret_cast<const char*>(part->bytes.data()), part->bytes.size());
    if (whole.size() > 9) return story + " DIFFERENT";
  }
  story += " pieces";
  ws.close(1000, "done", {}, ec);
  return story + (ws.close_info().clean() ? " closed" : " cut");
}

constexpr const char* whole_story = "open small large pieces closed";

struct Attempt {
  std::string story;
  std::error_code ec;
  FaultReport report;
};

Attempt run_at(const std::string& url, Fault fault, std::size_t step) {
  Attempt run;
  arm(fault, step);
  run.story = converse(url, run.ec);
  run.report = disarm();
  return run;
}

// Over ws://, to a scripted server in a thread. A name, not an address: resolving is among the steps.
Attempt run_plain(Fault fault, std::size_t step) {
  Server server(open_and_echo);
  Attempt run = run_at("ws://localhost:" + std::to_string(server.port()) + "/", fault, step);
  // The server ends when its one connection does; a run that never connected must not leave it waiting.
  if (run.story == "not connected") {
    std::error_code ignored;
    Options impatient;
    impatient.handshake_timeout = 50ms;
    const Client ws = connect(server.url(), impatient, ignored);
  }
  return run;
}

// Over wss://, to the echo server that tests/with_server.sh has started.
Attempt run_secure(Fault fault, std::size_t step) {
  return run_at(std::getenv("WSS_URL"), fault, step);
}

using Run = Attempt (*)(Fault, std::size_t);

void expect_a_whole_story(Run run) {
  const Attempt attempt = run(Fault::none, 0);
  EXPECT_EQ(attempt.story, whole_story) << attempt.ec.message();
}

// Runs with `fault` at every step, and checks each; `least` of them must have taken place.
template <typename Check>
void at_every_step(Run run, Fault fault, std::size_t least, Check check) {
  std::size_t injected = 0;
  for (std::size_t step = 1;; ++step) {
    const Attempt attempt = run(fault, step);
    if (step > attempt.report.calls && !attempt.report.injected) break;
    injected += attempt.report.injected;
    SCOPED_TRACE("step " + std::to_string(step));
    check(attempt);
    ASSERT_LT(step, 2000U);
  }
  EXPECT_GE(injected, least);
}

void expect_typed_errors(Run run) {
  bool memory_was_out = false;
  at_every_step(run, Fault::fails, 20, [&](const Attempt& attempt) {
    memory_was_out = memory_was_out || attempt.ec == std::errc::not_enough_memory;
    EXPECT_EQ(attempt.story.find("DIFFERENT"), std::string::npos);
    if (attempt.story == whole_story || attempt.story.find("cut") != std::string::npos) return;
    EXPECT_TRUE(attempt.ec) << "failed without an error: " << attempt.story;
    EXPECT_NE(attempt.ec.message(), "");
  });
  EXPECT_TRUE(memory_was_out);
}

void expect_no_change(Run run, Fault fault) {
  at_every_step(run, fault, 10, [](const Attempt& attempt) {
    EXPECT_EQ(attempt.story, whole_story) << attempt.ec.message();
  });
}

TEST(Faults, without_one_the_story_is_whole) {
  expect_a_whole_story(run_plain);
}
TEST(Faults, a_failing_call_is_a_typed_error_or_does_no_harm) {
  expect_typed_errors(run_plain);
}
TEST(Faults, a_short_call_changes_nothing) {
  expect_no_change(run_plain, Fault::is_short);
}
TEST(Faults, a_call_that_would_block_changes_nothing) {
  expect_no_change(run_plain, Fault::would_block);
}

TEST(LookUps, that_nobody_waits_for_any_more_are_few) {
  hold_look_ups(true);
  const auto connect_in_vain = [] {
    std::error_code ec;
    static_cast<void>(connect("ws://name.invalid/", {}, std::chrono::milliseconds(1), ec));
    EXPECT_EQ(ec, std::errc::timed_out);
  };
  for (int i = 0; i < 300; ++i) connect_in_vain();
  const auto tasks = std::filesystem::directory_iterator("/proc/self/task");
  EXPECT_LE(std::distance(begin(tasks), end(tasks)), 40);
  // A call that waits for a place goes on when the resolver answers again.
  std::thread resolver([] {
    std::this_thread::sleep_for(20ms);
    hold_look_ups(false);
  });
  std::error_code ec;
  static_cast<void>(connect("ws://name.invalid/", {}, std::chrono::seconds(60), ec));
  EXPECT_EQ(ec.category(), resolve_category()) << ec.message();
  resolver.join();
}

TEST(Descriptors, a_stop_token_works_without_a_free_one) {
  Server server([](Peer& peer) {
    peer.open();
    peer.await_close();
  });
  Client ws = connect(server.url());
  descriptors_are_out(true);
  std::stop_source source;
  std::thread stopper([&] {
    std::this_thread::sleep_for(30ms);
    source.request_stop();
  });
  std::error_code ec;
  EXPECT_FALSE(ws.receive(source.get_token(), ec));
  EXPECT_EQ(ec, std::errc::operation_canceled);
  stopper.join();
  for (const std::string& url : {server.url(), std::string("ws://name.invalid/")}) {
    static_cast<void>(connect(url, ec));
    EXPECT_EQ(ec, std::errc::too_many_files_open) << url;
  }
  descriptors_are_out(false);
}

TEST(TlsFaults, without_one_the_story_is_whole) {
  expect_a_whole_story(run_secure);
}
TEST(TlsFaults, a_failing_call_is_a_typed_error_or_does_no_harm) {
  expect_typed_errors(run_secure);
}
TEST(TlsFaults, a_short_call_changes_nothing) {
  expect_no_change(run_secure, Fault::is_short);
}
TEST(TlsFaults, a_call_that_would_block_changes_nothing) {
  expect_no_change(run_secure, Fault::would_block);
}

}  // namespace
}  // namespace test
