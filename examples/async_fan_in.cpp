// A hundred connections on one thread, each with a request, a reply within a time limit, and a clean close.
// SIGINT and SIGTERM end it.
#include <asio/co_spawn.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <cpwebsockets/async_client.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace asio::experimental::awaitable_operators;
using cpwebsockets::AsyncClient;

asio::awaitable<void> request(std::string url, const cpwebsockets::Options& options, int number,
                              int& replies) {
  const auto executor = co_await asio::this_coro::executor;
  AsyncClient ws = co_await cpwebsockets::async_connect(executor, url, options, asio::use_awaitable);
  const std::string question = "feed " + std::to_string(number);
  co_await ws.async_send(question, asio::use_awaitable);

  asio::steady_timer limit(executor, std::chrono::seconds(30));
  const auto first =
      co_await (ws.async_receive(asio::use_awaitable) || limit.async_wait(asio::use_awaitable));
  if (first.index() == 0 && std::get<0>(first) && std::get<0>(first)->text() == question) ++replies;
  co_await ws.async_close(asio::use_awaitable);
}

int main(int argc, char** argv) {
  constexpr int feeds = 100;
  cpwebsockets::Options options;
  if (const char* ca_file = std::getenv("CPWS_CACERT")) options.tls.ca_file = ca_file;

  asio::io_context context(1);
  asio::signal_set signals(context, SIGINT, SIGTERM);
  int replies = 0;
  int ended = 0;
  signals.async_wait([&](std::error_code ec, int) {
    if (!ec) context.stop();
  });
  for (int number = 0; number < feeds; ++number) {
    asio::co_spawn(context,
                   request(argc > 1 ? argv[1] : "wss://ws.postman-echo.com/raw", options, number, replies),
                   [&](std::exception_ptr error) {
                     try {
                       if (error) std::rethrow_exception(error);
                     } catch (const std::exception& e) {
                       std::fprintf(stderr, "%s\n", e.what());
                     }
                     if (++ended == feeds) signals.cancel();
                   });
  }
  context.run();
  std::printf("%d of %d replies\n", replies, feeds);
  return replies == feeds ? 0 : 1;
}
