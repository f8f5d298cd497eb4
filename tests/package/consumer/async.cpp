#include <asio/io_context.hpp>
#include <cpwebsockets/async_client.hpp>
#include <cstdio>

int main(int argc, char** argv) {
  asio::io_context context;
  bool failed = false;
  cpwebsockets::async_connect(context.get_executor(), argc > 1 ? argv[1] : "ws://127.0.0.1:1/",
                              [&](std::error_code ec, cpwebsockets::AsyncClient ws) {
                                std::printf("%s\n", ws.failure().sentence.c_str());
                                failed = static_cast<bool>(ec);
                              });
  context.run();
  return failed ? 0 : 1;
}
