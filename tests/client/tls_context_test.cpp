// What connections share of TLS, and what is wrong with what they ask for.
#include <cpwebsockets/transport/tls_context.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "peer.hpp"

namespace test {
namespace {

using namespace cpwebsockets;
using transport::TlsContext;
using transport::TlsError;

// A self-signed certificate that signs nothing.
constexpr const char certificate[] = R"(-----BEGIN CERTIFICATE-----
MIIBjjCCATWgAwIBAgIULnV2W3oI2tDi1A94N0KXVDSdK0MwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRY3B3ZWJzb2NrZXRzIHRlc3QwIBcNMjYxMTI1MTg1NjQzWhgP
MjEyNjExMDExODU2NDNaMBwxGjAYBgNVBAMMEWNwd2Vic29ja2V0cyB0ZXN0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdM4jgoPITSQXx1Ng/FBcU5zf9DWlTBN4
OP1pakLYy4XzwUeq+q3kUNJnqH5Eh4Qzea4A0IH687rDS9ku9hU8OaNTMFEwHQYD
VR0OBBYEFG+dXPjKpQ8gFIIWqJj2IuFEuvsQMB8GA1UdIwQYMBaAFG+dXPjKpQ8g
FIIWqJj2IuFEuvsQMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIg
Qg7a0oZMd7z2UKAkJRr2zu667LEMhINzgR8W6kwNLwUCIA7iF1ZHUG7Ppe9s6bvL
Pd91Vx8LzlsngSIKbDsxEHzq
-----END CERTIFICATE-----
)";

class TemporaryFile {
 public:
  TemporaryFile()
      : path_(std::filesystem::temp_directory_path() / ("cpws-" + std::to_string(::getpid()) + ".pem")) {
    write(certificate);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path_); }

  void write(const std::string& text) const { std::ofstream(path_) << text; }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::shared_ptr<TlsContext> shared(const TlsOptions& options) {
  std::error_code ec;
  auto context = TlsContext::shared_client(options, ec);
  EXPECT_FALSE(ec) << ec.message();
  return context;
}

TlsOptions offering(const std::string& protocol) {
  TlsOptions options;
  options.ca_pem = certificate;
  options.alpn = {protocol};
  return options;
}

TEST(TlsContext, equal_options_share_one) {
  const auto first = shared(offering("a"));
  EXPECT_EQ(first, shared(offering("a")));
  EXPECT_NE(first, shared(offering("b")));
  TlsOptions of_another_host = offering("a");
  of_another_host.server_name = "elsewhere.example";
  EXPECT_EQ(first, shared(of_another_host)) << "the name is each connection's own";
  TlsOptions trusting = offering("a");
  trusting.insecure_skip_verification = true;
  EXPECT_NE(first, shared(trusting));
}

TEST(TlsContext, a_file_that_has_changed_is_read_again) {
  const TemporaryFile file;
  TlsOptions options;
  options.ca_file = file.path();
  const auto first = shared(options);
  EXPECT_EQ(first, shared(options));
  file.write(std::string(certificate) + "\n" + certificate);
  const auto second = shared(options);
  EXPECT_NE(first, second);
  EXPECT_EQ(second, shared(options));
}

TEST(TlsContext, few_are_kept) {
  const std::weak_ptr<TlsContext> first = shared(offering("first"));
  EXPECT_FALSE(first.expired());
  for (int i = 0; i < 8; ++i) static_cast<void>(shared(offering(std::to_string(i))));
  EXPECT_TRUE(first.expired());
}

void expect_failure(const TlsOptions& options, TlsError error, const std::string& about) {
  std::error_code ec;
  std::string what;
  EXPECT_EQ(TlsContext::client(options, ec, &what), nullptr);
  EXPECT_EQ(ec, make_error_code(error)) << ec.message();
  EXPECT_EQ(what, about);
}

TEST(TlsContext, what_cannot_be_used_is_named) {
  const TemporaryFile file;
  file.write(std::string(certificate) + "\n-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
  TlsOptions options;
  options.ca_file = file.path();
  expect_failure(options, TlsError::ca_unusable, file.path());
  options.ca_file = "/nowhere/ca.pem";
  expect_failure(options, TlsError::ca_unusable, "/nowhere/ca.pem");
  options = {};
  options.certificate_file = "/nowhere/client.pem";
  expect_failure(options, TlsError::certificate_unusable, "/nowhere/client.pem");
  options = {};
  options.pinned_spki_sha256 = {"abc"};
  expect_failure(options, TlsError::pin_unusable, "abc");
  expect_failure(offering(""), TlsError::alpn_unusable, "");
  expect_failure(offering(std::string(256, 'x')), TlsError::alpn_unusable, "");
  options = {};
  options.key_log_file = "/nowhere/keys.log";
  expect_failure(options, TlsError::key_log_unusable, "/nowhere/keys.log");
}

TEST(TlsContext, one_of_the_users_own_is_used) {
  Server server([](Peer& peer) { peer.wait_for_eof(); });
  Options options;
  std::error_code ec;
  options.tls_context = TlsContext::client(offering("a"), ec);
  options.tls.ca_file = "/nowhere/ca.pem";  // not looked at
  options.tls.server_name = std::string("local\0host", 10);
  const std::string url = "wss" + server.url().substr(2);
  static_cast<void>(connect(url, options, ec));
  EXPECT_EQ(ec, TlsError::name_unusable) << "a name must not be cut at a zero byte";
  options.tls.server_name = std::string(256, 'x');
  static_cast<void>(connect(url, options, ec));
  EXPECT_EQ(ec, TlsError::name_unusable);
}

}  // namespace
}  // namespace test
