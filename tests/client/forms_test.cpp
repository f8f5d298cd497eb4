// Each call in each of its forms, and what counts as binary.
#include <cpwebsockets/client.hpp>

#include <gtest/gtest.h>

#include <array>
#include <list>
#include <vector>

#include "peer.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using namespace std::chrono_literals;

void expect_echo(Client& ws, bool is_text, std::string_view payload) {
  const auto message = ws.receive(60s);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->is_text(), is_text);
  EXPECT_EQ(message->text(), payload);
}

TEST(Forms, with_an_error_code) {
  Server server(open_and_echo);
  std::error_code ec;
  Client ws = connect(server.url(), 60s, ec);
  ASSERT_FALSE(ec) << ec.message();
  ws.send("text", ec);
  expect_echo(ws, true, "text");
  ws.send_binary("binary", ec);
  expect_echo(ws, false, "binary");
  {
    MessageWriter writer = ws.begin_text(ec);
    writer.append("by ", ec);
    writer.append(std::vector<std::uint8_t>{'p', 'a', 'r', 't', 's'}, ec);
    writer.finish(ec);
  }
  expect_echo(ws, true, "by parts");
  {
    MessageWriter writer = ws.begin_binary(ec);
    writer.finish(60s, ec);
  }
  expect_echo(ws, false, "");
  ws.ping("p", ec);
  ws.ping(ec);
  ws.start_close(1000, "bye", ec);
  EXPECT_FALSE(ec) << ec.message();
  EXPECT_FALSE(ws.receive(ec));
  ws.close(1000, "bye", ec);
  EXPECT_FALSE(ec) << ec.message();
  EXPECT_TRUE(ws.close_info().clean());
}

TEST(Forms, that_throw) {
  Server server(open_and_echo);
  Client ws = connect(server.url(), 60s);
  ws.send("text", 60s);
  expect_echo(ws, true, "text");
  ws.send_binary("binary");
  expect_echo(ws, false, "binary");
  ws.ping("p", 60s);
  ws.start_close();
  ws.close(1000, "bye", 60s);
  EXPECT_TRUE(ws.close_info().clean());
  EXPECT_THROW(static_cast<void>(connect("ws://127.0.0.1:1/", std::stop_token())), ConnectionError);
}

TEST(Forms, any_bytes_in_a_row_are_binary) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  enum class Byte : unsigned char { a = 'a', b = 'b' };
  const std::array<Byte, 2> enumerated{Byte::a, Byte::b};
  const std::byte bytes[] = {std::byte{'a'}, std::byte{'b'}};
  ws.send(std::vector<std::uint8_t>{'a', 'b'});
  ws.send(std::vector<char>{'a', 'b'});
  ws.send(enumerated);
  ws.send(bytes);
  ws.send(std::span(bytes));
  ws.send(std::as_bytes(std::span("ab", 2)));
  for (int i = 0; i < 6; ++i) expect_echo(ws, false, "ab");
  ws.send(std::string("ab"));
  ws.send(std::string_view("ab"));
  ws.send("ab");
  for (int i = 0; i < 3; ++i) expect_echo(ws, true, "ab");
}

// What must not be taken for binary: it is text, of larger elements, or not in a row.
static_assert(!std::constructible_from<Binary, std::string>);
static_assert(!std::constructible_from<Binary, const char*>);
static_assert(!std::constructible_from<Binary, std::u8string_view>);
static_assert(!std::constructible_from<Binary, std::vector<int>>);
static_assert(!std::constructible_from<Binary, std::list<std::uint8_t>>);

}  // namespace
}  // namespace test
