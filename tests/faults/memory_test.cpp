// Out of memory at every n-th allocation: a whole conversation is run again and again, in the forms that
// throw and in those with an error_code. Beside the echo server that tests/with_server.sh has started.
#include <gtest/gtest.h>

#include <chrono>
#include <cpwebsockets/transport/tls_error.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>

#include "client/peer.hpp"
#include "failing_memory.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;

// How a conversation that did not get to its end ended.
struct Ended {
  std::error_code ec;
};

// The two forms of a call, `call(ec...)`: of the library alone, allocations count.
struct WithCode {
  template <typename Call>
  auto operator()(Call call) const {
    std::error_code ec;
    if constexpr (std::is_void_v<decltype(call(ec))>) {
      run(call, ec);
      if (ec) throw Ended{ec};
    } else {
      auto result = run(call, ec);
      if (ec) throw Ended{ec};
      return result;
    }
  }

 private:
  template <typename Call>
  static auto run(Call call, std::error_code& ec) {
    const InLibrary counted;
    return call(ec);
  }
};

struct Throwing {
  template <typename Call>
  auto operator()(Call call) const {
    const InLibrary counted;
    return call();
  }
};

// Its destructor is the library's, too.
struct Connection {
  Client client;
  explicit Connection(Client&& connected) : client(std::move(connected)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    const InLibrary counted;
    client = Client();
  }
};

std::string text_of(const Received<Message>& message) {
  return message ? std::string(message->text()) : "nothing";
}

const std::string large(150'000, 'l');  // larger than the buffers: by pieces, and read into the message
const std::string medium(40'000, 'm');  // two of them do not fit the receive buffer

// Adds to `story` what has happened. Whatever goes wrong leaves it by an exception.
template <typename Form>
void converse(Form form, const std::string& url, const Options& options, bool closes, std::string& story) {
  Connection connection(form([&](auto&... ec) { return connect(url, options, ec...); }));
  Client& ws = connection.client;
  story = "open";

  form([&](auto&... ec) { ws.send("small", ec...); });
  story += " " + text_of(form([&](auto&... ec) { return ws.receive(10s, ec...); }));
  form([&](auto&... ec) { ws.ping("ping", ec...); });

  form([&](auto&... ec) { ws.send(large, ec...); });
  story +=
      text_of(form([&](auto&... ec) { return ws.receive(10s, ec...); })) == large ? " owned" : " DIFFERENT";

  for (int i = 0; i < 2; ++i) form([&](auto&... ec) { ws.send(medium, ec...); });
  for (int i = 0; i < 2; ++i) {
    const auto view = form([&](auto&... ec) { return ws.receive_view(10s, ec...); });
    story += view && view->text() == medium ? " viewed" : " DIFFERENT";
  }

  {
    MessageWriter writer = form([&](auto&... ec) { return ws.begin_text(ec...); });
    form([&](auto&... ec) { writer.append("by ", ec...); });
    form([&](auto&... ec) { writer.append("pieces", ec...); });
    form([&](auto&... ec) { writer.finish(ec...); });
  }
  std::string whole;
  for (bool last = false; !last;) {
    const auto part = form([&](auto&... ec) { return ws.receive_part(10s, ec...); });
    if (!part) throw Ended{std::make_error_code(std::errc::protocol_error)};
    last = part->last;
    whole.append(reinterpret_cast<const char*>(part->bytes.data()), part->bytes.size());
  }
  story += whole == "by pieces" ? " pieces" : " DIFFERENT";

  {
    const Batch batch = form([&](auto&...) { return ws.batch(); });
    form([&](auto&... ec) { ws.send("first", ec...); });
    form([&](auto&... ec) { ws.send_binary("second", ec...); });
  }
  story += " " + text_of(form([&](auto&... ec) { return ws.receive(10s, ec...); }));
  story += " " + text_of(form([&](auto&... ec) { return ws.receive(10s, ec...); }));

  if (closes) {
    form([&](auto&... ec) { ws.close(1000, "done", ec...); });
    if (!ws.close_info().clean()) throw Ended{ws.failure().code};
  }
  story += " end";
}

constexpr const char* whole_story = "open small owned viewed viewed pieces first second end";

// What varies from conversation to conversation.
struct Setting {
  std::string url;
  bool compresses = false;
  bool is_secure = false;
  bool throws = false;
  bool closes = true;  // the other half leaves it to the destructor
  Shortage shortage = Shortage::once;
};

std::ostream& operator<<(std::ostream& out, const Setting& setting) {
  return out << setting.url << (setting.compresses ? ", deflate" : "")
             << (setting.throws ? ", throwing" : ", error_code")
             << (setting.closes ? ", closed" : ", destroyed")
             << (setting.shortage == Shortage::once ? ", once" : ", from then on");
}

Options options_for(const Setting& setting) {
  Options options;
  if (setting.compresses) options.compression.emplace();
  if (!setting.is_secure) return options;
  options.tls.ca_file = std::getenv("CPWS_CACERT");
  // Each connection has a context of its own: making it can fail as well.
  static int connections = 0;
  options.tls.alpn = {"http/1.1", std::to_string(++connections)};
  return options;
}

struct Attempt {
  std::string story;
  std::error_code ec;
  bool has_thrown = false;
  MemoryReport report;
};

Attempt run_at(const Setting& setting, std::size_t step) {
  Attempt attempt;
  const Options options = options_for(setting);
  arm_memory(step, setting.shortage);
  try {
    if (setting.throws) {
      converse(Throwing{}, setting.url, options, setting.closes, attempt.story);
    } else {
      converse(WithCode{}, setting.url, options, setting.closes, attempt.story);
    }
  } catch (const Ended& end) {
    attempt.ec = end.ec;
  } catch (const ConnectionError& error) {
    attempt.ec = error.code();
    attempt.has_thrown = true;
  } catch (const std::bad_alloc&) {
    attempt.ec = std::make_error_code(std::errc::not_enough_memory);
    attempt.has_thrown = true;
  }
  attempt.report = disarm_memory();
  return attempt;
}

std::ptrdiff_t descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

// Runs it with the step-th allocation failing, and looks at what became of it.
Attempt check_at(const Setting& setting, std::size_t step) {
  const auto before = std::chrono::steady_clock::now();
  const std::ptrdiff_t had = descriptors();
  const Attempt attempt = run_at(setting, step);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 30s);
  EXPECT_EQ(attempt.story.find("DIFFERENT"), std::string::npos);
  EXPECT_FALSE(attempt.has_thrown && !setting.throws) << "an error_code form has thrown";
  if (attempt.story != whole_story) {
    // OpenSSL does not always note that it was memory.
    const bool is_tls = setting.is_secure && attempt.ec.category() == transport::tls_category();
    EXPECT_TRUE(attempt.ec == std::errc::not_enough_memory ||
                attempt.ec == ClientError::message_too_large_for_memory || is_tls)
        << attempt.story << ": " << attempt.ec.category().name() << ": " << attempt.ec.message();
  }
  for (int looks = 0; descriptors() != had && looks < 1000; ++looks) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(descriptors(), had) << "descriptors are left";
  return attempt;
}

// At every step from `first` on, `stride` apart. At the end memory is there again, and all is well again.
void expect_typed_ends(const Setting& setting, std::size_t first = 1, std::size_t stride = 1) {
  std::size_t failures = 0;
  for (std::size_t step = first;; step += stride) {
    SCOPED_TRACE(testing::Message() << setting << ", allocation " << step);
    const Attempt attempt = check_at(setting, step);
    if (!attempt.report.injected) break;
    failures += attempt.story != whole_story;
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GE(failures, 3U);
  const Attempt after = run_at(setting, 0);
  EXPECT_EQ(after.story, whole_story) << after.ec.message();
}

template <typename Check>
void in_every_setting(Setting setting, Check check) {
  for (const bool throws : {false, true}) {
    for (const bool closes : {true, false}) {
      for (const Shortage shortage : {Shortage::once, Shortage::from_then_on}) {
        setting.throws = throws;
        setting.closes = closes;
        setting.shortage = shortage;
        check(setting);
      }
    }
  }
}

// A name, not an address, so that looking it up can fail.
std::string with_name(std::string url) {
  const std::size_t at = url.find("127.0.0.1");
  return at == std::string::npos ? url : url.replace(at, 9, "localhost");
}

TEST(MemoryFaults, at_every_allocation) {
  in_every_setting({with_name(std::getenv("WS_URL"))},
                   [](const Setting& setting) { expect_typed_ends(setting); });
}

TEST(MemoryFaults, at_every_allocation_with_deflate) {
  in_every_setting({std::getenv("WS_URL"), true}, [](const Setting& setting) { expect_typed_ends(setting); });
}

// OpenSSL allocates thousands of times: a sample, another one each time. CPWS_FAULT_OFFSET repeats one.
TEST(MemoryFaults, at_many_allocations_over_tls) {
  const char* const given = std::getenv("CPWS_FAULT_OFFSET");
  const std::size_t offset = given != nullptr ? std::strtoul(given, nullptr, 10) : std::random_device{}();
  std::cout << "CPWS_FAULT_OFFSET=" << offset << '\n';
  in_every_setting({std::getenv("WSS_URL"), false, true}, [&](const Setting& setting) {
    const Attempt whole = run_at(setting, 0);  // what is made once in a process is made here
    ASSERT_EQ(whole.story, whole_story) << whole.ec.message();
    const std::size_t stride = whole.report.allocations / 40 + 1;
    expect_typed_ends(setting, offset % stride + 1, stride);
  });
}

TEST(MemoryFaults, a_message_without_memory_ends_the_connection_and_says_so) {
  std::string code;
  {
    Server server([&code](Peer& peer) {
      peer.open();
      peer.send(server_frame(0x82, medium));
      code = peer.receive_frame();
      peer.send(server_frame(0x88, code));
    });
    Client ws = connect(server.url());
    arm_memory(1, Shortage::once);
    std::error_code ec;
    const auto receive = [&] {
      const InLibrary counted;
      return ws.receive(10s, ec);
    };
    EXPECT_FALSE(receive());
    EXPECT_TRUE(disarm_memory().injected);
    EXPECT_EQ(ec, ClientError::message_too_large_for_memory);
    EXPECT_EQ(ec, Condition::ended);
    EXPECT_FALSE(ws.is_open());
    EXPECT_FALSE(ws.receive(10s, ec));
    EXPECT_EQ(ec, ClientError::message_too_large_for_memory);
    EXPECT_EQ(ws.close_info().sent, CloseCode::message_too_big);
    EXPECT_NE(ws.failure().sentence.find("memory"), std::string::npos);
  }
  EXPECT_EQ(code, "\x03\xF1");
}

}  // namespace
}  // namespace test
