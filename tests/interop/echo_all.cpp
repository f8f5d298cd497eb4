// Echoes through a real server: text, binary, fragmented, compressed, empty to 16 MiB.
//
//   echo_all URL [--cacert FILE] [--ca-pem FILE] [--compress] [--subprotocol NAME]... [--expect-subprotocol
//   NAME] [--largest BYTES]
#include <cpwebsockets/client.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>

namespace {

using namespace cpwebsockets;

std::string payload(std::size_t size, bool is_text) {
  static const std::string_view units[] = {"plain words, ", "größer ", "€uro ", "😀 "};
  std::string bytes;
  bytes.reserve(size + 16);
  std::uint32_t state = static_cast<std::uint32_t>(size) + 1;
  while (bytes.size() < size) {
    state = state * 1664525 + 1013904223;
    if (is_text) {
      bytes += units[state >> 30];
    } else {
      bytes += static_cast<char>(state >> 24);
    }
  }
  if (is_text) {
    while (bytes.size() > size || (!bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80) != 0))
      bytes.pop_back();
    bytes.append(size - bytes.size(), '.');
  } else {
    bytes.resize(size);
  }
  return bytes;
}

void fail(const std::string& why) {
  std::cerr << "echo_all: " << why << '\n';
  std::exit(1);
}

void send(Client& ws, const std::string& message, bool is_text, bool by_pieces) {
  if (!by_pieces) {
    is_text ? ws.send(std::string_view(message)) : ws.send(std::as_bytes(std::span(message)));
    return;
  }
  MessageWriter writer = is_text ? ws.begin_text() : ws.begin_binary();
  std::string_view rest = message;
  for (std::size_t size = 1; !rest.empty(); size = size * 3 + 1) {  // pieces cut code points, too
    writer.append(rest.substr(0, size));
    rest.remove_prefix(std::min(size, rest.size()));
  }
  writer.finish();
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  options.max_message_size = 32U << 20;
  std::string expected_subprotocol;
  std::size_t largest = 16U << 20;
  for (int i = 2; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--compress") options.compression.emplace();
    if (name == "--cacert") options.tls.ca_file = argv[++i];
    if (name == "--ca-pem") {
      std::ifstream file(argv[++i]);
      options.tls.ca_pem.assign(std::istreambuf_iterator<char>(file), {});
    }
    if (name == "--subprotocol") options.subprotocols.emplace_back(argv[++i]);
    if (name == "--expect-subprotocol") expected_subprotocol = argv[++i];
    if (name == "--largest") largest = std::strtoull(argv[++i], nullptr, 10);
  }
  options.headers = {{"X-Test", "from the client"}};
  Client ws = connect(argv[1], options);
  if (ws.subprotocol() != expected_subprotocol) fail("subprotocol '" + ws.subprotocol() + "'");
  if (options.compression.has_value() != (ws.extensions().find("permessage-deflate") == 0))
    fail("extensions '" + ws.extensions() + "'");

  int messages = 0;
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 65537U, 1U << 20, 16U << 20}) {
    if (size > largest) continue;
    for (const bool is_text : {true, false}) {
      for (const bool by_pieces : {false, true}) {
        const std::string message = payload(size, is_text);
        std::string send_error;  // told only if the receiver has no better story
        std::jthread sender([&] {
          try {
            send(ws, message, is_text, by_pieces);
          } catch (const std::exception& error) {
            send_error = error.what();
          }
        });
        const auto echo = ws.receive(std::chrono::seconds(600));
        sender.join();
        if (!echo)
          fail("the connection ended, close code " + std::to_string(to_integer(ws.close_info().code())));
        if (!send_error.empty()) fail("sending " + std::to_string(size) + " bytes: " + send_error);
        if (echo->is_text() != is_text || echo->text() != message)
          fail("a wrong echo of " + std::to_string(size) + " bytes");
        ++messages;
      }
    }
  }
  ws.ping("measure");
  ws.send("after the ping");
  if (ws.receive(std::chrono::seconds(10))->text() != "after the ping") fail("a wrong echo after the ping");
  if (ws.round_trip().count() <= 0) fail("the ping was not answered");
  ws.close(1000, "done");
  if (!ws.close_info().clean() || ws.close_info().code() != CloseCode::normal_closure)
    fail("not a clean end: " + ws.failure().sentence);
  std::cout << messages << " messages echoed\n";
} catch (const std::exception& error) {
  std::cerr << "echo_all: " << error.what() << '\n';
  return 1;
}
