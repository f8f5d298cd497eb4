// Boost.Beast at the same work as bench_client, for comparison: bench_beast PORT WORK COUNT SIZE
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "counted_calls.hpp"

int main(int argc, char** argv) try {
  namespace asio = boost::asio;
  namespace beast = boost::beast;
  if (argc < 5) return 2;
  const std::string work = argv[2];
  const std::size_t count = std::strtoull(argv[3], nullptr, 10);
  const std::size_t size = std::strtoull(argv[4], nullptr, 10);
  std::string path = "/sink";
  if (work.starts_with("receive"))
    path = "/flood/" + std::to_string(count) + "/" + argv[4] + (work == "receive-text" ? "/text" : "/binary");
  if (work == "echo") path = "/echo/" + std::string(argv[4]);

  asio::io_context context;
  beast::websocket::stream<asio::ip::tcp::socket> ws(context);
  const auto port = static_cast<unsigned short>(std::atoi(argv[1]));
  ws.next_layer().connect({asio::ip::address_v4::loopback(), port});
  ws.next_layer().set_option(asio::ip::tcp::no_delay(true));
  ws.read_message_max(64U << 20);
  ws.binary(true);
  ws.handshake("127.0.0.1", path);

  const std::string message(size, 'm');
  const bool sends = work == "send" || work == "echo";
  const bool receives = work != "send";
  beast::flat_buffer buffer;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (sends) ws.write(asio::buffer(message));
    if (receives) {
      sum += ws.read(buffer);
      buffer.clear();
    }
    if (i == 0) counted = {};
  }
  const Counted work_itself = counted;
  if (receives && sum != count * size) return 1;
  print(work_itself);
  std::_Exit(0);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_beast: %s\n", error.what());
  return 1;
}
