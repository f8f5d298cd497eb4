// Boost.Beast, its blocking calls.
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/version.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <memory>

#include "work.hpp"

namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = beast::websocket::stream<asio::ip::tcp::socket>;
using Tls = beast::websocket::stream<asio::ssl::stream<asio::ip::tcp::socket>>;

namespace {

template <typename WebSocket>
void open(WebSocket& ws, const Work& work) {
  auto& socket = beast::get_lowest_layer(ws);
  socket.connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(work.port))});
  socket.set_option(asio::ip::tcp::no_delay(true));
  if constexpr (std::is_same_v<WebSocket, Tls>) {
    ws.next_layer().set_verify_callback(asio::ssl::host_name_verification(work.host));
    ws.next_layer().handshake(asio::ssl::stream_base::client);
  }
  ws.handshake(work.host + ":" + work.port, work.path);
}

template <typename Make>
void run(const Work& work, Make make) {
  const std::string version = std::to_string(BOOST_VERSION / 100'000) + "." +
                              std::to_string(BOOST_VERSION / 100 % 1000) + "." +
                              std::to_string(BOOST_VERSION % 100);
  if (work.batches()) Meter::cannot();
  if (work.connects()) {
    const Meter meter;
    for (std::size_t i = 0; i < work.count; ++i) {
      const auto ws = make();
      open(*ws, work);
      ws->close(beast::websocket::close_code::normal);
    }
    meter.report(work, "Beast", version, 0);
  }
  const auto ws = make();
  open(*ws, work);
  ws->read_message_max(64U << 20);
  ws->text(work.is_text());
  ws->binary(!work.is_text());
  beast::flat_buffer buffer;
  std::size_t received = 0;
  const Meter meter;
  for (std::size_t i = 0; i < work.count; ++i) {
    if (work.sends()) ws->write(asio::buffer(work.message));
    if (work.receives()) {
      received += ws->read(buffer);
      buffer.clear();
    }
  }
  meter.report(work, "Beast", version, received);
}

}  // namespace

int main(int argc, char** argv) try {
  const Work work = parse(argc, argv);
  asio::io_context context;
  if (work.tls) {
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.load_verify_file(work.ca);
    tls.set_verify_mode(asio::ssl::verify_peer);
    run(work, [&] { return std::make_unique<Tls>(context, tls); });
  } else {
    run(work, [&] { return std::make_unique<Tcp>(context); });
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
