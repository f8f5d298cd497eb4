// Connects to an echo server, sends a line, checks that it comes back, and closes gracefully.
#include <cpwebsockets/client.hpp>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

int main(int argc, char** argv) try {
  const std::string url = argc > 1 ? argv[1] : "wss://ws.postman-echo.com/raw";
  cpwebsockets::Options options;
  if (const char* ca_file = std::getenv("CPWS_CACERT")) options.tls.ca_file = ca_file;

  std::cout << "Connecting to " << url << '\n';
  auto ws = cpwebsockets::connect(url, options);
  const std::string line = "The quick brown fox jumps over the lazy dog\r\n";
  std::cout << "Sending: " << line;
  ws.send(line);
  const auto reply = ws.receive(std::chrono::seconds(10));
  if (!reply || reply->text() != line) throw std::runtime_error("the reply is not what was sent");
  std::cout << "Received: " << reply->text();
  ws.close();
  std::cout << "Closed with code " << to_integer(ws.close_info().code()) << '\n';
} catch (const std::exception& error) {
  std::cerr << "echo: " << error.what() << '\n';
  return 1;
}
