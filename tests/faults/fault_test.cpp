// Fail-at-step-n: a whole conversation is run again and again, with the n-th
// system call failing, short or blocking, for every n. What fails must fail
// with a typed error, and what is only short or late must change nothing.
#include <gtest/gtest.h>

#include <string>

#include "client/peer.hpp"
#include "wrapped_calls.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;

// What happened, for comparison; "error" where a call reported one.
std::string converse(const std::string& url, std::error_code& ec) {
  Options options;
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

void echo_once(Peer& peer) {
  peer.open();
  peer.echo();
}

struct Attempt {
  std::string story;
  std::error_code ec;
  FaultReport report;
};

Attempt run_with(Fault fault, std::size_t step) {
  Server server(echo_once);
  // A name, not an address: resolving is among the steps.
  const std::string url = "ws://localhost:" + std::to_string(server.port()) + "/";
  Attempt run;
  arm(fault, step);
  run.story = converse(url, run.ec);
  run.report = disarm();
  // The server ends when its one connection does; a run that never connected must not leave it waiting.
  if (run.story == "not connected") {
    std::error_code ignored;
    Options impatient;
    impatient.handshake_timeout = 50ms;
    const Client ws = connect(server.url(), impatient, ignored);
  }
  return run;
}

TEST(Faults, without_one_the_story_is_whole) {
  const Attempt run = run_with(Fault::none, 0);
  EXPECT_EQ(run.story, whole_story) << run.ec.message();
}

TEST(Faults, a_failing_call_is_a_typed_error_or_does_no_harm) {
  std::size_t injected = 0;
  for (std::size_t step = 1;; ++step) {
    const Attempt run = run_with(Fault::fails, step);
    if (step > run.report.calls && !run.report.injected) break;
    injected += run.report.injected;
    EXPECT_EQ(run.story.find("DIFFERENT"), std::string::npos) << step;
    if (run.story != whole_story && run.story.find("cut") == std::string::npos) {
      EXPECT_TRUE(run.ec) << "step " << step << " failed without an error: " << run.story;
      EXPECT_NE(run.ec.message(), "") << step;
    }
    ASSERT_LT(step, 2000U);
  }
  EXPECT_GT(injected, 20U);
}

TEST(Faults, a_short_call_changes_nothing) {
  std::size_t injected = 0;
  for (std::size_t step = 1;; ++step) {
    const Attempt run = run_with(Fault::is_short, step);
    if (step > run.report.calls && !run.report.injected) break;
    injected += run.report.injected;
    EXPECT_EQ(run.story, whole_story) << "step " << step << ": " << run.ec.message();
    ASSERT_LT(step, 2000U);
  }
  EXPECT_GT(injected, 10U);
}

TEST(Faults, a_call_that_would_block_changes_nothing) {
  std::size_t injected = 0;
  for (std::size_t step = 1;; ++step) {
    const Attempt run = run_with(Fault::would_block, step);
    if (step > run.report.calls && !run.report.injected) break;
    injected += run.report.injected;
    EXPECT_EQ(run.story, whole_story) << "step " << step << ": " << run.ec.message();
    ASSERT_LT(step, 2000U);
  }
  EXPECT_GT(injected, 10U);
}

}  // namespace
}  // namespace test
