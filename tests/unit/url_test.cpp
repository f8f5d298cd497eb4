// RFC 6455 §3, RFC 3986.
#include <gtest/gtest.h>

#include <cpwebsockets/protocol/url.hpp>

namespace {

using cpwebsockets::protocol::Error;
using cpwebsockets::protocol::parse_url;
using cpwebsockets::protocol::Url;

Url good(std::string_view text) {
  Url url;
  EXPECT_EQ(parse_url(text, url), Error::none) << text;
  return url;
}
Error bad(std::string_view text) {
  Url url;
  return parse_url(text, url);
}

TEST(Url, parts) {
  const Url url = good("wss://us%20er:p%40ss@example.com:8443/a/b;c=d?e=f/g?h");
  EXPECT_TRUE(url.secure);
  EXPECT_EQ(url.host, "example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_FALSE(url.default_port);
  EXPECT_EQ(url.authority, "example.com:8443");
  EXPECT_EQ(url.path, "/a/b;c=d");
  EXPECT_EQ(url.query, "?e=f/g?h");
  EXPECT_TRUE(url.has_userinfo);
  EXPECT_EQ(url.user, "us%20er");
  EXPECT_EQ(url.password, "p%40ss");
}

TEST(Url, defaults) {
  const Url plain = good("WS://my_host");
  EXPECT_EQ(plain.host, "my_host");
  EXPECT_EQ(plain.port, 80);
  EXPECT_TRUE(plain.default_port);
  EXPECT_EQ(plain.path, "");
  EXPECT_FALSE(plain.has_userinfo);
  EXPECT_EQ(good("wSs://h:443/").default_port, true);
  EXPECT_EQ(good("wss://h?a=1").query, "?a=1");
}

TEST(Url, addresses) {
  EXPECT_EQ(good("ws://127.0.0.1:8080/").host, "127.0.0.1");
  const Url six = good("ws://[::1]:81/x");
  EXPECT_EQ(six.host, "::1");
  EXPECT_EQ(six.authority, "[::1]:81");
  EXPECT_TRUE(six.ipv6);
  EXPECT_EQ(good("ws://[::ffff:1.2.3.4]").host, "::ffff:1.2.3.4");
}

TEST(Url, zones_of_addresses) {
  EXPECT_EQ(good("ws://[fe80::1%25eth0]:81/").host, "fe80::1%25eth0");
  EXPECT_EQ(bad("ws://[fe80::1%eth0]/"), Error::url_host);
  EXPECT_EQ(bad("ws://[fe80::1%25]/"), Error::url_host);
  EXPECT_EQ(bad("ws://[fe80::1%25a/b]/"), Error::url_host);
  EXPECT_EQ(bad("ws://[%25eth0]/"), Error::url_host);
  EXPECT_EQ(bad("ws://[1%25eth0]/"), Error::url_host);
}

TEST(Url, the_host_is_what_stands_behind_the_last_at_sign) {
  EXPECT_EQ(good("ws://user@evil.example/").host, "evil.example");
  EXPECT_EQ(bad("ws://a@b@c/"), Error::url_userinfo);
  EXPECT_EQ(bad("ws://us%3aer@h/"), Error::url_userinfo);
}

TEST(Url, the_whole_string_is_consumed_or_refused) {
  EXPECT_EQ(bad(""), Error::url_scheme);
  EXPECT_EQ(bad("ws:/h"), Error::url_scheme);
  EXPECT_EQ(bad("http://h"), Error::url_scheme);
  EXPECT_EQ(bad(" ws://h"), Error::url_scheme);
  EXPECT_EQ(bad("ws://"), Error::url_host);
  EXPECT_EQ(bad("ws:///path"), Error::url_host);
  EXPECT_EQ(bad("ws://:80"), Error::url_host);
  EXPECT_EQ(bad("ws://a..b"), Error::url_host);
  EXPECT_EQ(bad("ws://a b"), Error::url_host);
  EXPECT_EQ(bad("ws://h\\x"), Error::url_host);
  EXPECT_EQ(bad("ws://h%41"), Error::url_host);
  EXPECT_EQ(bad("ws://[::1"), Error::url_host);
  EXPECT_EQ(bad("ws://[::1]x"), Error::url_host);
  EXPECT_EQ(bad("ws://[]"), Error::url_host);
  EXPECT_EQ(bad("ws://[1.2.3.4]"), Error::url_host);
  EXPECT_EQ(bad("ws://::1"), Error::url_host);
  for (const char* port : {"", "0", "65536", "99999999999", "80x", "-1", "+80", " 80"}) {
    EXPECT_EQ(bad("ws://h:" + std::string(port)), Error::url_port) << port;
  }
  EXPECT_EQ(bad("ws://h:80x/y"), Error::url_port);
  for (const char* path :
       {"/ ", "/\x7f", "/\xc3\xa9", "/%", "/%4", "/%zz", "/\"", "/<", "/[", "/a\r\nb", "?\n"}) {
    EXPECT_EQ(bad("ws://h" + std::string(path)), Error::url_path) << path;
  }
  EXPECT_EQ(bad(std::string_view("ws://h/\0", 8)), Error::url_path);
  EXPECT_EQ(bad("ws://h/#f"), Error::url_fragment);
  EXPECT_EQ(bad("ws://h#"), Error::url_fragment);
}

}  // namespace
