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

// Every call in every form. It need not run: that it compiles is the test.
[[maybe_unused]] void compile_every_form(Client& ws, std::stop_token stop) {
  std::error_code ec;
  const Options options;
  const std::vector<std::uint8_t> bytes;
  const std::string text;

  static_cast<void>(connect("ws://x/"));
  static_cast<void>(connect("ws://x/", ec));
  static_cast<void>(connect("ws://x/", 5s));
  static_cast<void>(connect("ws://x/", stop));
  static_cast<void>(connect("ws://x/", no_limit));
  static_cast<void>(connect("ws://x/", 5s, ec));
  static_cast<void>(connect("ws://x/", Wait(5s, stop), ec));
  static_cast<void>(connect("ws://x/", options));
  static_cast<void>(connect("ws://x/", options, 5s));
  static_cast<void>(connect("ws://x/", options, stop));
  static_cast<void>(connect("ws://x/", options, ec));
  static_cast<void>(connect("ws://x/", options, 5s, ec));

  ws.send("p"), ws.send("p", 5s), ws.send("p", ec), ws.send("p", 5s, ec);
  ws.send(text), ws.send(text, 5s), ws.send(text, ec), ws.send(text, 5s, ec);
  ws.send(bytes), ws.send(bytes, 5s), ws.send(bytes, ec), ws.send(bytes, 5s, ec);
  ws.send_binary(text), ws.send_binary(text, 5s), ws.send_binary(text, ec), ws.send_binary(text, 5s, ec);

  MessageWriter writer = ws.begin_text();
  static_cast<void>(ws.begin_text(5s));
  static_cast<void>(ws.begin_text(ec));
  static_cast<void>(ws.begin_text(5s, ec));
  static_cast<void>(ws.begin_binary());
  static_cast<void>(ws.begin_binary(5s));
  static_cast<void>(ws.begin_binary(ec));
  static_cast<void>(ws.begin_binary(5s, ec));
  writer.append("x"), writer.append("x", 5s), writer.append("x", ec), writer.append("x", 5s, ec);
  writer.append(bytes), writer.append(bytes, 5s), writer.append(bytes, ec), writer.append(bytes, 5s, ec);
  writer.finish(), writer.finish(5s), writer.finish(ec), writer.finish(5s, ec);

  static_cast<void>(ws.receive());
  static_cast<void>(ws.receive(5s));
  static_cast<void>(ws.receive(stop));
  static_cast<void>(ws.receive(no_limit));
  static_cast<void>(ws.receive(ec));
  static_cast<void>(ws.receive(5s, ec));
  static_cast<void>(ws.receive_view());
  static_cast<void>(ws.receive_view(5s));
  static_cast<void>(ws.receive_view(ec));
  static_cast<void>(ws.receive_view(5s, ec));
  static_cast<void>(ws.receive_part());
  static_cast<void>(ws.receive_part(5s));
  static_cast<void>(ws.receive_part(ec));
  static_cast<void>(ws.receive_part(5s, ec));

  ws.ping(), ws.ping(5s), ws.ping(ec), ws.ping(5s, ec);
  ws.ping("p"), ws.ping("p", 5s), ws.ping("p", ec), ws.ping("p", 5s, ec);

  ws.close(), ws.close(5s), ws.close(ec), ws.close(5s, ec);
  ws.close(1000), ws.close(1000, 5s), ws.close(1000, ec), ws.close(4001, 5s, ec);
  ws.close(1000, no_limit), ws.close(1000, stop), ws.close(CloseCode::going_away, ec);
  ws.close(4001, "bye"), ws.close(1000, "bye", 5s), ws.close(1000, "bye", ec);
  ws.close(1000, "bye", stop, ec);
  ws.close(CloseCode::going_away), ws.close(CloseCode::going_away, "bye", ec);
  ws.close(CloseCode{4001}, "bye", 5s), ws.close(CloseCode::going_away, "bye", 5s, ec);
  ws.start_close(), ws.start_close(5s), ws.start_close(ec), ws.start_close(5s, ec);
  ws.start_close(1000), ws.start_close(1000, 5s), ws.start_close(1000, ec), ws.start_close(4001, 5s, ec);
  ws.start_close(1000, "bye"), ws.start_close(1000, "bye", 5s);
  ws.start_close(1000, "bye", ec), ws.start_close(1000, "bye", 5s, ec);
  ws.start_close(CloseCode::going_away, "bye", 5s), ws.start_close(CloseCode::going_away, "bye", 5s, ec);
}

// One type each, under every name; a close code is a CloseCode wherever it comes out.
static_assert(std::is_same_v<CloseInfo, protocol::CloseInfo>);
static_assert(std::is_same_v<MessagePart, protocol::MessagePart>);
static_assert(std::is_same_v<decltype(Options::compression)::value_type, protocol::DeflateOptions>);
static_assert(std::is_same_v<decltype(std::declval<Client>().close_info()), protocol::CloseInfo>);
static_assert(std::is_same_v<decltype(CloseInfo::sent), CloseCode>);
static_assert(std::is_same_v<decltype(CloseInfo::received), CloseCode>);
static_assert(std::is_same_v<decltype(std::declval<CloseInfo>().code()), CloseCode>);

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

TEST(Forms, a_number_that_is_no_close_code_is_refused) {
  Server server(open_and_echo);
  Client ws = connect(server.url());
  for (const int code : {0, 999, 1004, 1006, 5000, 65536 + 1000, -1}) {
    std::error_code ec;
    ws.close(code, ec);
    EXPECT_EQ(ec, std::errc::invalid_argument) << code;
    ws.start_close(code, "bye", ec);
    EXPECT_EQ(ec, std::errc::invalid_argument) << code;
  }
  EXPECT_TRUE(ws.is_open());
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
