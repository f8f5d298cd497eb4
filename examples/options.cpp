// Headers, subprotocols, compression, TLS, timeouts.
#include <cpwebsockets/client.hpp>
#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) try {
  if (argc < 2) return 2;
  using namespace std::chrono_literals;
  // [options]
  cpwebsockets::Options options;
  options.headers = {{"Authorization", "Bearer 0123456789"}};
  options.subprotocols = {"echo.v2", "echo.v1"};
  options.compression.emplace();  // permessage-deflate
  options.ping_interval = 10s;    // keepalive: a ping after 10 s without a byte from the server
  options.max_message_size = 1 << 20;
  options.tls.minimum_version = cpwebsockets::TlsVersion::tls_1_3;
  if (const char* ca_file = std::getenv("CPWS_CACERT")) options.tls.ca_file = ca_file;
  auto ws = cpwebsockets::connect(argv[1], options);
  std::cout << "subprotocol '" << ws.subprotocol() << "', extensions '" << ws.extensions() << "'\n";
  // [options]
  ws.send(std::string(1000, 'z'));
  return ws.receive(10s)->size() == 1000 ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "options: " << error.what() << '\n';
  return 1;
}
