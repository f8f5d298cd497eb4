// RFC 6455 §4: the opening handshake, from both sides.
#include <cpwebsockets/protocol/handshake.hpp>

#include <algorithm>
#include <set>

#include "replay.hpp"

namespace test {
namespace {

using protocol::Error;

// What a connection runs on, for tests that go step by step.
struct Memory {
  std::array<std::byte, 1024> receive{};
  std::array<std::byte, 512> send{};
  CountingRandom random;

  protocol::Config config() {
    protocol::Config config;
    config.receive_buffer = receive;
    config.send_buffer = send;
    config.random = random.source();
    return config;
  }
};

TEST(Handshake, the_accept_value_of_the_rfc) {
  const auto value = protocol::accept_value("dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(std::string(value.data(), value.size()), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

// The key that CountingRandom gives: 00 01 ... 0F.
constexpr std::string_view counting_key = "AAECAwQFBgcICQoLDA0ODw==";

std::string accept_line() {
  const auto value = protocol::accept_value(counting_key);
  return "Sec-WebSocket-Accept: " + std::string(value.data(), value.size()) + "\r\n";
}

std::string client_events(const std::string& response, std::vector<std::string_view> subprotocols = {},
                          bool ends = false) {
  Scenario scenario;
  scenario.raw_handshake = true;
  scenario.input = response;
  scenario.subprotocols = std::move(subprotocols);
  scenario.ends = ends;
  return replay_every_way(scenario).events;
}

Scenario small_buffer(const std::string& response) {
  Scenario scenario;
  scenario.raw_handshake = true;
  scenario.receive_buffer = 256;
  scenario.input = response;
  return scenario;
}

std::string many_lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "Line: v\r\n";
  return lines;
}

std::string response_with(std::string_view upgrade, std::string_view connection, const std::string& rest) {
  return "HTTP/1.1 101 Switching Protocols\r\n" + std::string(upgrade) + std::string(connection) + rest +
         "\r\n";
}

constexpr std::string_view upgrade = "Upgrade: websocket\r\n";
constexpr std::string_view connection = "Connection: Upgrade\r\n";

std::string failed(std::string_view cause) {
  return "closed(us 0 0: " + std::string(cause) + ")";
}

TEST(ClientHandshake, opens_and_keeps_what_follows_the_blank_line) {
  EXPECT_EQ(client_events(response_with(upgrade, connection, accept_line()) + frame(1, "first")),
            "open() text(first) ");
}

TEST(ClientHandshake, tokens_are_compared_without_case_and_in_lists) {
  EXPECT_EQ(client_events(response_with("UPGRADE:WebSocket\r\n", "connection: keep-alive , uPgRaDe\r\n",
                                        accept_line())),
            "open() ");
  EXPECT_EQ(
      client_events(response_with(upgrade, "Connection: close\r\nConnection: upgrade\r\n", accept_line())),
      "open() ");
}

TEST(ClientHandshake, refuses_what_does_not_accept) {
  const std::string a = accept_line();
  EXPECT_EQ(client_events(response_with("", connection, a)),
            failed("the header 'Upgrade: websocket' is missing or wrong"));
  EXPECT_EQ(client_events(response_with("Upgrade: h2c\r\n", connection, a)),
            failed("the header 'Upgrade: websocket' is missing or wrong"));
  EXPECT_EQ(client_events(response_with(upgrade, "", a)),
            failed("the header 'Connection: Upgrade' is missing or wrong"));
  EXPECT_EQ(client_events(response_with(upgrade, "Connection: upgraded\r\n", a)),
            failed("the header 'Connection: Upgrade' is missing or wrong"));
  EXPECT_EQ(client_events(response_with(upgrade, connection, "")),
            failed("the header Sec-WebSocket-Accept is missing or repeated"));
  EXPECT_EQ(client_events(response_with(upgrade, connection, a + a)),
            failed("the header Sec-WebSocket-Accept is missing or repeated"));
  EXPECT_EQ(client_events(
                response_with(upgrade, connection, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")),
            failed("Sec-WebSocket-Accept does not match the key"));
}

TEST(ClientHandshake, a_subprotocol_must_be_one_that_was_offered) {
  const std::string a = accept_line();
  const auto with = [&](const std::string& line) { return response_with(upgrade, connection, a + line); };
  const std::string not_offered = failed("the server chose a subprotocol that was not offered");
  EXPECT_EQ(client_events(with("Sec-WebSocket-Protocol: mqtt\r\n"), {"chat", "mqtt"}), "open(mqtt) ");
  EXPECT_EQ(client_events(with(""), {"chat"}), "open() ");
  EXPECT_EQ(client_events(with("Sec-WebSocket-Protocol: mqtt\r\n")), not_offered);
  EXPECT_EQ(client_events(with("Sec-WebSocket-Protocol: MQTT\r\n"), {"mqtt"}), not_offered);
  EXPECT_EQ(client_events(with("Sec-WebSocket-Protocol: a, b\r\n"), {"a", "b"}), not_offered);
  EXPECT_EQ(client_events(with("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a\r\n"), {"a"}),
            not_offered);
  EXPECT_EQ(client_events(with("Sec-WebSocket-Protocol:\r\n"), {"a"}), not_offered);
}

TEST(ClientHandshake, an_extension_that_was_not_offered_fails) {
  for (const char* value : {"permessage-deflate", "x-webkit-deflate-frame", ", foo"}) {
    EXPECT_EQ(client_events(response_with(upgrade, connection,
                                          accept_line() + "Sec-WebSocket-Extensions: " + value + "\r\n")),
              failed("the server chose an extension that was not offered"));
  }
  EXPECT_EQ(
      client_events(response_with(upgrade, connection, accept_line() + "Sec-WebSocket-Extensions:\r\n")),
      "open() ");
}

TEST(ClientHandshake, what_is_not_http_is_recognised_at_once) {
  const std::string cause = failed("the peer does not answer in HTTP/1.1");
  for (const char* start : {"SSH-2.0-OpenSSH", "HTTP/1.0 101 x\r\n\r\n", "HTTP/2 101\r\n\r\n",
                            "\r\nHTTP/1.1 101", "http/1.1 101 x", "\x15\x03\x01"}) {
    EXPECT_EQ(client_events(start), cause) << start;
  }
}

TEST(ClientHandshake, malformed_headers_fail) {
  const std::string cause = failed("the peer's handshake header is malformed");
  for (const char* header :
       {"HTTP/1.1 1o1 x\r\n\r\n", "HTTP/1.1 10\r\n\r\n", "HTTP/1.1 1011 x\r\n\r\n", "HTTP/1.1  101 x\r\n\r\n",
        "HTTP/1.1 101 x\r\nno colon\r\n\r\n", "HTTP/1.1 101 x\r\nName : v\r\n\r\n",
        "HTTP/1.1 101 x\r\n: v\r\n\r\n", "HTTP/1.1 101 x\r\nA: b\r\n folded\r\n\r\n",
        "HTTP/1.1 101 x\r\nA: b\rc\r\n\r\n", "HTTP/1.1 101 x\nA: b\r\n\r\n",
        "HTTP/1.1 101 x\r\nA: b\nC: d\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n", "HTTP/1.1 000 x\r\n\r\n"}) {
    EXPECT_EQ(client_events(header), cause) << header;
  }
  EXPECT_EQ(client_events("HTTP/1.1 101 x\r\nA: b\0c\r\n\r\n"s), cause);
}

TEST(ClientHandshake, the_header_is_bounded) {
  const std::string too_large = failed("the peer's handshake header is larger than the limit");
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  std::string endless_interim;
  while (endless_interim.size() < 1000) endless_interim += interim;
  for (const std::string& header : {"HTTP/1.1 101 x\r\nA: " + std::string(1000, 'x') + "\r\n\r\n",
                                    "HTTP/1.1 101 " + std::string(1000, 'x') + "\r\n",
                                    "HTTP/1.1 101 x\r\n" + many_lines(100) + "\r\n", endless_interim}) {
    for (const std::size_t limit : {16U, 400U, 401U, 402U, 403U, 404U, 700U}) {
      Scenario scenario;
      scenario.raw_handshake = true;
      scenario.receive_buffer = 512;
      scenario.configure = [=](protocol::Config& config) { config.max_header_size = limit; };
      scenario.input = header;
      EXPECT_EQ(replay_every_way(scenario).events, too_large) << header << limit;
    }
  }
}

TEST(ClientHandshake, a_line_may_be_larger_than_the_buffer) {
  const std::string a = accept_line();
  for (const std::size_t size : {200U, 230U, 240U, 250U, 256U, 300U, 512U, 5000U}) {
    const std::string cookie = "Set-Cookie: " + std::string(size, 'c') + "\r\n";
    for (const std::string& lines : {cookie + a, a + cookie, cookie + cookie + a}) {
      Scenario scenario = small_buffer(response_with(upgrade, connection, lines) + frame(1, "first"));
      EXPECT_EQ(replay_every_way(scenario).events, "open() text(first) ") << size;
    }
    const std::string status = "HTTP/1.1 101 " + std::string(size, 's') + "\r\n";
    Scenario scenario = small_buffer(status + std::string(upgrade) + std::string(connection) + a + "\r\n");
    EXPECT_EQ(replay_every_way(scenario).events, "open() ") << size;
  }
}

TEST(ClientHandshake, a_line_larger_than_the_buffer_is_judged_too) {
  const std::string a = accept_line();
  const std::string malformed = failed("the peer's handshake header is malformed");
  const std::string long_value(600, 'x');
  for (const std::string& line :
       {"A: " + long_value + "\n", "A: " + long_value + "\r\r\n", "A: " + long_value + "\x01\r\n",
        "A: " + long_value + "\rB\r\n", "A: " + long_value + "\x7F" + long_value + "\r\n",
        long_value + "\r\n", "A b: " + long_value + "\r\n", " folded" + long_value + "\r\n"}) {
    EXPECT_EQ(replay_every_way(small_buffer(response_with(upgrade, connection, line + a))).events, malformed)
        << line;
  }
  // What matters has to fit.
  const std::string too_large = failed("the peer's handshake header is larger than the limit");
  for (const char* name : {"Upgrade", "connection", "SEC-WEBSOCKET-ACCEPT", "Sec-WebSocket-Protocol",
                           "Sec-WebSocket-Extensions"}) {
    EXPECT_EQ(replay_every_way(
                  small_buffer(response_with(upgrade, connection, a + name + ": " + long_value + "\r\n")))
                  .events,
              too_large)
        << name;
  }
}

TEST(ClientHandshake, the_most_important_problem_is_named_wherever_it_stands) {
  const std::string a = accept_line();
  const std::string extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  const std::string subprotocol = "Sec-WebSocket-Protocol: mqtt\r\n";
  const auto named = [](std::vector<std::string> lines) {
    std::string first;
    std::sort(lines.begin(), lines.end());
    do {
      std::string header = "HTTP/1.1 101 x\r\n";
      for (const std::string& line : lines) header += line;
      const std::string events = client_events(header + "\r\n");
      if (first.empty()) first = events;
      EXPECT_EQ(events, first) << header;
    } while (std::next_permutation(lines.begin(), lines.end()));
    return first;
  };
  const std::string u(upgrade);
  const std::string c(connection);
  EXPECT_EQ(named({extension, u, c, a}), failed("the server chose an extension that was not offered"));
  EXPECT_EQ(named({extension, c, a}), failed("the header 'Upgrade: websocket' is missing or wrong"));
  EXPECT_EQ(named({u, "Upgrade: h2c\r\n", c, a}),
            failed("the header 'Upgrade: websocket' is missing or wrong"));
  EXPECT_EQ(named({extension, u, a}), failed("the header 'Connection: Upgrade' is missing or wrong"));
  EXPECT_EQ(named({extension, subprotocol, u, c}),
            failed("the header Sec-WebSocket-Accept is missing or repeated"));
  EXPECT_EQ(named({"Sec-WebSocket-Accept: x\r\n", extension, u, c}),
            failed("Sec-WebSocket-Accept does not match the key"));
  EXPECT_EQ(named({"Sec-WebSocket-Accept: x\r\n", a, u, c}),
            failed("the header Sec-WebSocket-Accept is missing or repeated"));
  EXPECT_EQ(named({subprotocol, u, c, a}), failed("the server chose a subprotocol that was not offered"));
}

TEST(ClientHandshake, interim_responses_are_passed_over) {
  EXPECT_EQ(client_events("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" +
                          response_with(upgrade, connection, accept_line())),
            "open() ");
}

TEST(ClientHandshake, a_refusal_tells_status_and_body) {
  const std::string end = "closed(peer 0 0: the server refused the handshake (expected HTTP 101))";
  EXPECT_EQ(client_events("HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nno!!"),
            "refused(401 no!!) " + end);
  EXPECT_EQ(client_events("HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nno!!ignored"),
            "refused(401 no!!) " + end);
  EXPECT_EQ(client_events("HTTP/1.1 204 No Content\r\n\r\n"), "refused(204 ) " + end);
  EXPECT_EQ(client_events("HTTP/1.1 503\r\n\r\nuntil the end", {}, true),
            "refused(503 until the end) " + end);
  EXPECT_EQ(client_events("HTTP/1.1 404 x\r\nContent-Length: 100\r\n\r\ncut", {}, true),
            "refused(404 cut) " + end);
  EXPECT_EQ(
      client_events(
          "HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n6;x=y\r\n found\r\n0\r\n\r\n"),
      "refused(404 not found) " + end);
  EXPECT_EQ(client_events("HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnot", {}, true),
            "refused(404 not) " + end);
  EXPECT_EQ(client_events("HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            "refused(404 ) " + end);
  EXPECT_EQ(client_events("HTTP/1.1 302 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
            "refused(302 ) " + end);
}

TEST(ClientHandshake, a_body_larger_than_the_buffer_is_cut) {
  const std::string body(1000, 'b');
  const std::string cut = "refused(500 " + body.substr(0, 256) + ") ";
  EXPECT_TRUE(replay_every_way(small_buffer("HTTP/1.1 500 x\r\n\r\n" + body)).events.starts_with(cut));
  EXPECT_TRUE(
      replay_every_way(small_buffer("HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + body))
          .events.starts_with("refused(500 " + body.substr(0, 228) + ") "));
  // Of chunks only the content takes room, and the start of a line that does not fit.
  std::string chunks = "HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 400; ++i) chunks += "1\r\nb\r\n";
  EXPECT_TRUE(
      replay_every_way(small_buffer(chunks)).events.starts_with("refused(500 " + body.substr(0, 226) + ") "));
}

std::string refused(const std::string& response, bool ends = false, std::size_t buffer = 4096) {
  Scenario scenario = small_buffer(response);
  scenario.receive_buffer = buffer;
  scenario.ends = ends;
  scenario.shows_fields = true;
  const std::string events = replay_every_way(scenario).events;
  const std::string end = " closed(peer 0 0: the server refused the handshake (expected HTTP 101))";
  if (!events.ends_with(end)) return events;
  return events.substr(0, events.size() - end.size());
}

TEST(ClientHandshake, a_refusal_need_not_be_textbook_http) {
  EXPECT_EQ(refused("HTTP/1.0 503 Service Unavailable\r\nCache-Control: no-cache\r\n\r\n<html>", true),
            "refused(503 Cache-Control=no-cache; <html>)");
  EXPECT_EQ(refused("HTTP/1.7 999 \r\nContent-Length: 2\r\n\r\nno"), "refused(999 Content-Length=2; no)");
  EXPECT_EQ(refused("HTTP/1.1 403 x\nA: b\nContent-Length: 2\n\nno"),
            "refused(403 A=b; Content-Length=2; no)");
  EXPECT_EQ(refused("HTTP/1.1 403 x\r\nA: b\r\n  c\r\n\td\r\nContent-Length: 0\r\n\r\n"),
            "refused(403 A=b    c  \td; Content-Length=0; )");
  EXPECT_EQ(refused("HTTP/1.1 403 x\nA: b\n c\nContent-Length: 0\n\n"),
            "refused(403 A=b  c; Content-Length=0; )");
  EXPECT_EQ(
      refused(
          "HTTP/1.1 403 x\r\n folded\r\nno colon\r\n more\r\nBad : x\r\n: x\r\nA: \x01\r\nContent-Length: "
          "0\r\n\r\n"),
      "refused(403 Content-Length=0; )");
  EXPECT_EQ(
      refused("HTTP/1.1 200\r\nContent-Length: 1\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"),
      "refused(200 Content-Length=1; Transfer-Encoding=Chunked; no)");
  EXPECT_EQ(refused("HTTP/1.1 200\nTransfer-Encoding: gzip, chunked\n\n2;x\nno\n3\nnot\n0\n"),
            "refused(200 Transfer-Encoding=gzip, chunked; nonot)");
  for (const char* status : {"204", "304"}) {
    EXPECT_EQ(refused("HTTP/1.1 "s + status + " x\r\nTransfer-Encoding: chunked\r\n\r\n"),
              "refused("s + status + " Transfer-Encoding=chunked; )");
    EXPECT_EQ(refused("HTTP/1.1 "s + status + " x\r\nContent-Length: 9\r\n\r\n"),
              "refused("s + status + " Content-Length=9; )");
  }
}

TEST(ClientHandshake, a_refusal_that_is_cut_is_told_as_far_as_it_came) {
  EXPECT_EQ(refused("HTTP/1.1 403 x\r\nA: b\r\nC: d", true), "refused(403 A=b; )");
  EXPECT_EQ(refused("HTTP/1.1 403 x\r\n", true), "refused(403 )");
  EXPECT_EQ(refused("HTTP/1.1 403 x\r\nContent-Length: 9\r\n\r\npart", true),
            "refused(403 Content-Length=9; part)");
  Scenario scenario = small_buffer("HTTP/1.1 403 x\r\nA: b\r\n" + many_lines(100));
  scenario.configure = [](protocol::Config& config) { config.max_header_size = 300; };
  EXPECT_TRUE(replay_every_way(scenario).events.starts_with("refused(403 )"));
}

TEST(ClientHandshake, fields_of_a_refusal_are_told_as_far_as_half_of_the_buffer_holds_them) {
  const std::string long_value(300, 'v');
  const std::string value(60, 'v');
  EXPECT_EQ(refused("HTTP/1.1 302 " + long_value + "\r\nSet-Cookie: " + long_value +
                        "\r\n and more\r\nLocation: /there\r\nA: " + value + "\r\nB: " + value +
                        "\r\nRetry-After: 5\r\nContent-Length: 4\r\n\r\nbody",
                    false, 256),
            "refused(302 Location=/there; A=" + value + "; Retry-After=5; Content-Length=4; body)");
}

TEST(ClientHandshake, a_refusal_takes_no_longer_than_the_handshake) {
  for (const char* response : {"HTTP/1.1 403 x\r\nA: b\r\n", "HTTP/1.1 403 x\r\nA: b\r\n\r\n",
                               "HTTP/1.1 403 x\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    Memory memory;
    protocol::Connection core(memory.config());
    core.poll(protocol::Time(5us));
    ASSERT_EQ(core.open({.host = "h"}), Error::none);
    const std::string_view bytes = response;
    std::memcpy(core.receive_space().data(), bytes.data(), bytes.size());
    core.received(bytes.size());
    EXPECT_TRUE(std::holds_alternative<std::monostate>(core.next_event()));
    core.poll(core.next_deadline());
    const protocol::Event event = core.next_event();
    ASSERT_TRUE(std::holds_alternative<protocol::Refused>(event));
    EXPECT_EQ(std::get<protocol::Refused>(event).headers.find("a"), "b");
  }
}

TEST(ClientHandshake, the_chosen_extensions_are_told_whatever_stands_around_them) {
  Memory memory;
  protocol::Connection core(memory.config());
  ASSERT_EQ(core.open({.host = "h"}), Error::none);
  const std::string bytes = response_with(
      upgrade, "A: b\r\nSec-WebSocket-Extensions:\r\n" + std::string(connection), accept_line());
  std::memcpy(core.receive_space().data(), bytes.data(), bytes.size());
  core.received(bytes.size());
  const protocol::Event event = core.next_event();
  ASSERT_TRUE(std::holds_alternative<protocol::Opened>(event));
  EXPECT_EQ(std::get<protocol::Opened>(event).extensions, "");
}

TEST(ClientHandshake, an_end_of_file_in_the_header_is_a_loss) {
  const std::string whole = response_with(upgrade, connection, accept_line());
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, whole.size() - 1}) {
    EXPECT_EQ(client_events(whole.substr(0, size), {}, true),
              "closed(network 0 0: the connection ended during the opening handshake)");
  }
}

// --- The request ---

class RequestTest : public testing::Test {
 protected:
  Error open(const protocol::Request& request, std::size_t send_buffer = 2048) {
    protocol::Config config;
    receive_.resize(2048);
    send_.resize(send_buffer);
    random_ = {};
    config.receive_buffer = receive_;
    config.send_buffer = send_;
    config.random = random_.source();
    protocol::Connection core(config);
    const Error error = core.open(request);
    written_ = text_of(core.to_send());
    return error;
  }
  std::vector<std::byte> receive_;
  std::vector<std::byte> send_;
  CountingRandom random_;
  std::string written_;
  protocol::Request request_{.host = "h:81"};
};

TEST_F(RequestTest, says_all_that_was_asked_for) {
  const std::string_view subprotocols[] = {"chat", "superchat"};
  const protocol::Header headers[] = {{"X-One", " padded "}, {"Cookie", "a=b"}};
  request_.path = "/p";
  request_.query = "?q=1";
  request_.origin = "https://o.example";
  request_.credentials = {"Aladdin", "open%20sesame"};
  request_.subprotocols = subprotocols;
  request_.headers = headers;
  ASSERT_EQ(open(request_), Error::none);
  EXPECT_EQ(written_,
            "GET /p?q=1 HTTP/1.1\r\nHost: h:81\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\nOrigin: "
            "https://o.example\r\n"
            "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
            "X-One: padded\r\nCookie: a=b\r\n\r\n");
}

TEST_F(RequestTest, an_authorization_among_the_headers_stands_for_the_credentials) {
  const protocol::Header header{"authorization", "Bearer token"};
  request_.headers = {&header, 1};
  request_.credentials = {"Aladdin", "open%20sesame"};
  ASSERT_EQ(open(request_), Error::none);
  EXPECT_NE(written_.find("\r\nauthorization: Bearer token\r\n"), std::string::npos);
  EXPECT_EQ(written_.find("Basic"), std::string::npos);
}

TEST_F(RequestTest, an_empty_path_is_the_root) {
  request_.path = {};
  request_.query = "?a";
  ASSERT_EQ(open(request_), Error::none);
  EXPECT_TRUE(written_.starts_with("GET /?a HTTP/1.1\r\n"));
}

TEST_F(RequestTest, header_injection_is_refused) {
  for (const std::string_view value : {"a\r\nb: c"sv, "a\nb"sv, "a\rb"sv, "a\0b"sv, "a\x7f"sv}) {
    const protocol::Header header{"X", value};
    request_.headers = {&header, 1};
    EXPECT_EQ(open(request_), Error::invalid_header_value);
    request_.headers = {};
    request_.origin = value;
    EXPECT_EQ(open(request_), Error::invalid_header_value);
    request_.origin = {};
  }
  for (const std::string_view name : {""sv, "a b"sv, "a:"sv, "a\r\nb"sv, "\xc3\xa9"sv}) {
    const protocol::Header header{name, "v"};
    request_.headers = {&header, 1};
    EXPECT_EQ(open(request_), Error::invalid_header_name) << name;
  }
  request_.headers = {};
  for (const std::string_view target : {"/a b"sv, "/a\r\nb"sv, "x"sv, "/\0"sv, "/#f"sv, "/\x80"sv}) {
    request_.path = target;
    EXPECT_EQ(open(request_), Error::invalid_request_target);
  }
  request_.path = "/";
  for (const std::string_view host : {""sv, "a b"sv, "a\r\nX: y"sv, "a/b"sv}) {
    request_.host = host;
    EXPECT_EQ(open(request_), Error::invalid_host);
  }
  EXPECT_TRUE(written_.empty());
}

TEST_F(RequestTest, the_handshakes_own_headers_cannot_be_set) {
  for (const char* name : {"Host", "upgrade", "CONNECTION", "Content-Length", "Transfer-Encoding",
                           "Sec-WebSocket-Key", "sec-websocket-foo"}) {
    const protocol::Header header{name, "v"};
    request_.headers = {&header, 1};
    EXPECT_EQ(open(request_), Error::reserved_header) << name;
  }
}

TEST_F(RequestTest, subprotocols_are_tokens_without_repeats) {
  for (const std::vector<std::string_view>& list :
       {std::vector<std::string_view>{"a b"}, {""}, {"a", "a"}, {"a,b"}}) {
    request_.subprotocols = list;
    EXPECT_EQ(open(request_), Error::invalid_subprotocol);
  }
}

TEST_F(RequestTest, a_request_that_does_not_fit_writes_nothing) {
  const std::string path = "/" + std::string(300, 'p');
  request_.path = path;
  EXPECT_EQ(open(request_, 256), Error::request_too_large);
  EXPECT_TRUE(written_.empty());
}

// --- The server's side ---

Transcript served(const std::string& request) {
  Scenario scenario;
  scenario.role = protocol::Role::server;
  scenario.raw_handshake = true;
  scenario.input = request;
  return replay_every_way(scenario);
}

TEST(ServerHandshake, answers_the_example_of_the_rfc) {
  const Transcript transcript = served(client_request());
  EXPECT_EQ(transcript.events, "requested(/chat?x=1) open() ");
  EXPECT_EQ(transcript.output,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST(ServerHandshake, bad_requests_are_refused_with_a_status) {
  const auto without = [](std::string_view line, std::string_view instead = {}) {
    std::string request = client_request();
    request.replace(request.find(line), line.size(), instead);
    return request;
  };
  const std::pair<std::string, std::string_view> cases[] = {
      {without("GET", "POST"), "400"},
      {without("HTTP/1.1", "HTTP/1.0"), "400"},
      {without("/chat?x=1", "chat"), "400"},
      {without("Host: server.example.com\r\n"), "400"},
      {without("Host: ", "Host: a\r\nHost: "), "400"},
      {without("Connection: Upgrade\r\n"), "400"},
      {without("Upgrade: websocket\r\n"), "426"},
      {without("Version: 13", "Version: 8"), "426"},
      {without("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZR=="), "400"},
      {without("dGhlIHNhbXBsZSBub25jZQ==", "short"), "400"},
      {without("Host:", "Ho st:"), "400"},
      {"GET / HTTP/1.1\r\nA: " + std::string(5000, 'a'), "431"},
  };
  for (const auto& [request, status] : cases) {
    const Transcript transcript = served(request);
    EXPECT_TRUE(transcript.output.starts_with("HTTP/1.1 " + std::string(status)))
        << request << transcript.output;
    EXPECT_TRUE(transcript.events.starts_with("closed(us 0 0: ")) << transcript.events;
  }
}

TEST(ServerHandshake, accept_and_reject_are_checked) {
  Memory memory;
  for (const int answer : {0, 1, 2}) {
    const bool accepts = answer < 2;
    const bool accepts_first_list = answer == 0;
    protocol::Connection server(memory.config());
    ASSERT_EQ(server.listen(), Error::none);
    EXPECT_EQ(server.accept(), protocol::Result::invalid);
    const std::string request =
        client_request("Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Protocol: d\r\n");
    std::memcpy(server.receive_space().data(), request.data(), request.size());
    server.received(request.size());
    ASSERT_TRUE(std::holds_alternative<protocol::Requested>(server.next_event()));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(server.next_event()));
    EXPECT_EQ(server.accept({.subprotocol = "c"}), protocol::Result::invalid);
    const protocol::Header injected{"X", "a\r\nb"};
    EXPECT_EQ(server.accept({.headers = {&injected, 1}}), protocol::Result::invalid);
    EXPECT_EQ(server.reject(200, ""), protocol::Result::invalid);
    const std::string long_value(600, 'v');
    const protocol::Header large{"X", long_value};
    EXPECT_EQ(server.accept({.headers = {&large, 1}}), protocol::Result::too_large);
    if (accepts) {
      // Not the last of its list, and the last in a field of its own.
      const std::string_view chosen = accepts_first_list ? "a" : "d";
      EXPECT_EQ(server.accept({.subprotocol = chosen}), protocol::Result::accepted);
      EXPECT_EQ(server.accept(), protocol::Result::invalid) << "answered already";
      EXPECT_EQ(server.reject(403, ""), protocol::Result::invalid) << "answered already";
      EXPECT_EQ(std::get<protocol::Opened>(server.next_event()).subprotocol, chosen);
    } else {
      EXPECT_EQ(server.reject(403, "go away"), protocol::Result::accepted);
      EXPECT_EQ(text_of(server.to_send()),
                "HTTP/1.1 403 Refused\r\nConnection: close\r\nContent-Length: 7\r\n\r\ngo away");
      EXPECT_TRUE(std::holds_alternative<protocol::Closed>(server.next_event()));
    }
  }
}

TEST(ServerHandshake, a_client_that_ends_before_the_answer_is_a_loss) {
  Memory memory;
  protocol::Connection server(memory.config());
  ASSERT_EQ(server.listen(), Error::none);
  EXPECT_EQ(server.listen(), Error::wrong_state);
  const std::string request = client_request();
  std::memcpy(server.receive_space().data(), request.data(), request.size());
  server.received(request.size());
  ASSERT_TRUE(std::holds_alternative<protocol::Requested>(server.next_event()));
  const protocol::Header injected{"X", "a\r\nb"};
  EXPECT_EQ(server.reject(403, "", {&injected, 1}), protocol::Result::invalid);
  server.received_eof();
  EXPECT_EQ(std::get<protocol::Closed>(server.next_event()).info.error, Error::connection_lost_in_handshake);
  EXPECT_EQ(server.accept(), protocol::Result::invalid);
}

TEST(Errors, each_has_a_sentence_of_its_own) {
  std::set<std::string_view> sentences;
  for (int error = 0; error <= static_cast<int>(Error::stream_not_opened); ++error) {
    const std::string_view sentence = describe(static_cast<Error>(error));
    EXPECT_NE(sentence, "unknown error") << error;
    EXPECT_TRUE(sentences.insert(sentence).second) << sentence;
    EXPECT_FALSE(sentence.ends_with('.')) << sentence;
  }
  EXPECT_EQ(describe(static_cast<Error>(255)), "unknown error");
  for (int step = 0; step <= static_cast<int>(protocol::Step::close); ++step) {
    EXPECT_NE(name(static_cast<protocol::Step>(step)), "unknown") << step;
  }
}

TEST(ServerHandshake, an_accepted_client_is_opened_also_when_its_stream_has_ended) {
  for (const bool is_accepted_first : {true, false}) {
    Memory memory;
    protocol::Connection server(memory.config());
    ASSERT_EQ(server.listen(), Error::none);
    const std::string bytes = client_request() + frame(1, "last words", {.masked = true});
    std::memcpy(server.receive_space().data(), bytes.data(), bytes.size());
    server.received(bytes.size());
    ASSERT_TRUE(std::holds_alternative<protocol::Requested>(server.next_event()));
    if (is_accepted_first) {
      ASSERT_EQ(server.accept(), protocol::Result::accepted);
    }
    server.received_eof();
    if (!is_accepted_first) {
      ASSERT_EQ(server.accept(), protocol::Result::accepted);
    }
    EXPECT_TRUE(std::holds_alternative<protocol::Opened>(server.next_event()));
    EXPECT_TRUE(std::holds_alternative<protocol::MessagePart>(server.next_event()));
    EXPECT_EQ(std::get<protocol::Closed>(server.next_event()).info.error, Error::connection_lost);
  }
}

TEST(Handshake, takes_no_longer_than_its_timeout) {
  Memory memory;
  protocol::Connection core(memory.config());
  core.poll(protocol::Time(5us));
  ASSERT_EQ(core.open({.host = "h"}), Error::none);
  EXPECT_EQ(core.next_deadline(), protocol::Time(10'000'005us));
  core.poll(core.next_deadline());
  EXPECT_EQ(std::get<protocol::Closed>(core.next_event()).info.error, Error::handshake_timeout);
}

}  // namespace
}  // namespace test
