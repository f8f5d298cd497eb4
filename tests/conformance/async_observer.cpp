// The same by the asynchronous client.
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <cpwebsockets/async_client.hpp>
#include <cstdio>

#include "observation.hpp"

namespace {

using namespace observation;

constexpr auto tuple = asio::experimental::as_tuple(asio::use_awaitable);

asio::awaitable<void> receive_all(AsyncClient& ws, const Plan& plan) {
  int messages = 0;
  if (plan.close_after == 0) ws.async_close(1000, "enough", asio::detached);
  for (;;) {
    const auto [ec, message] = co_await ws.async_receive_view(tuple);
    if (!message) co_return;
    print_payload(message->is_text ? "text" : "binary", message->bytes);
    if (plan.echo && message->is_text) co_await ws.async_send(message->text(), tuple);
    if (plan.echo && !message->is_text) co_await ws.async_send(message->bytes, tuple);
    if (++messages == plan.close_after) ws.async_close(1000, "enough", asio::detached);
  }
}

asio::awaitable<void> receive_parts(AsyncClient& ws) {
  std::size_t size = 0;
  for (;;) {
    const auto [ec, part] = co_await ws.async_receive_part(tuple);
    if (!part) co_return;
    size = part->first ? part->bytes.size() : size + part->bytes.size();
    if (part->last) std::printf("streamed %zu\n", size);
  }
}

asio::awaitable<void> observe(const char* url, const Plan& plan) {
  auto [ec, ws] = co_await async_connect(co_await asio::this_coro::executor, url, plan.options, tuple);
  if (!ec) {
    std::printf("open subprotocol=%s extensions=%s\n", ws.subprotocol().c_str(), ws.extensions().c_str());
    if (plan.parts) {
      co_await receive_parts(ws);
    } else {
      co_await receive_all(ws, plan);
    }
  }
  print_end(ws.close_info(), ws.failure());
}

}  // namespace

int main(int argc, char** argv) {
  const Plan plan = parse(argc, argv);
  asio::io_context context(1);
  asio::co_spawn(context, observe(argv[1], plan), asio::detached);
  context.run();
  return 0;
}
