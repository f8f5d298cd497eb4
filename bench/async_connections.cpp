// What many idle connections of the asynchronous client cost: async_connections COUNT [MOST_BYTES_EACH
// [BUFFER_SIZE]]. A child process is the server. Prints resident memory of each connection, the time of the
// connects, and of a broadcast that every connection receives. Fails when a connection takes more than
// MOST_BYTES_EACH.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <chrono>
#include <cpwebsockets/async_client.hpp>
#include <cpwebsockets/protocol/handshake.hpp>
#include <cpwebsockets/transport/listener.hpp>
#include <cpwebsockets/transport/wait.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace cpwebsockets;
using Clock = std::chrono::steady_clock;

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Accepts `count` clients, and sends each a message when a byte comes through the pipe.
[[noreturn]] void serve(transport::TcpListener& listener, int count, int pipe) {
  std::vector<std::unique_ptr<transport::TcpStream>> streams;
  while (static_cast<int>(streams.size()) < count) {
    if (transport::wait_for(listener.handle(), transport::Ready::read, {})) _exit(1);
    auto stream = listener.accept();
    if (!stream) continue;
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      char bytes[2048];
      if (transport::wait_for(stream->handle(), transport::Ready::read, {})) _exit(1);
      const ssize_t size = recv(stream->handle(), bytes, sizeof bytes, 0);
      if (size <= 0) _exit(1);
      request.append(bytes, static_cast<std::size_t>(size));
    }
    const std::string_view name = "Sec-WebSocket-Key: ";
    const auto accept =
        protocol::accept_value(std::string_view(request).substr(request.find(name) + name.size(), 24));
    const std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Accept: " +
        std::string(accept.data(), accept.size()) + "\r\n\r\n";
    if (send(stream->handle(), answer.data(), answer.size(), MSG_NOSIGNAL) < 0) _exit(1);
    streams.push_back(std::move(stream));
  }
  char go = 0;
  if (read(pipe, &go, 1) == 1) {
    for (const auto& stream : streams) send(stream->handle(), "\x82\x10 sixteen bytes! ", 18, MSG_NOSIGNAL);
  }
  read(pipe, &go, 1);
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1000;
  Options options;
  if (argc > 3) options.receive_buffer_size = options.send_buffer_size = std::strtoull(argv[3], nullptr, 10);
  const std::size_t most = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : ~std::size_t{0};
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  std::error_code ec;
  const auto addresses = transport::resolve("127.0.0.1", 0, {}, ec);
  const auto listener = transport::TcpListener::open(addresses.front(), ec);
  int pipe_ends[2];
  if (ec || pipe(pipe_ends) != 0) return 1;
  const pid_t child = fork();
  if (child == 0) {
    close(pipe_ends[1]);
    serve(*listener, count, pipe_ends[0]);
  }

  asio::io_context context(1);
  const std::string url = "ws://127.0.0.1:" + std::to_string(listener->address().port()) + "/";
  std::vector<AsyncClient> clients(static_cast<std::size_t>(count));
  std::size_t next = 0;
  int received = 0;
  int failed = 0;
  std::function<void()> connect_next = [&] {
    if (next == clients.size()) return;
    AsyncClient& place = clients[next++];
    async_connect(context.get_executor(), url, options, [&](std::error_code error, AsyncClient client) {
      place = std::move(client);
      failed += error ? 1 : 0;
      connect_next();
    });
  };
  const std::size_t before = resident_bytes();
  const auto start = Clock::now();
  for (int side_by_side = 0; side_by_side < 16; ++side_by_side) connect_next();
  while (failed == 0 && (next < clients.size() || !clients.back().is_open())) context.run_one();
  while (context.poll() > 0) {
  }
  const double connects = milliseconds_since(start);
  const std::size_t each = (resident_bytes() - before) / clients.size();

  for (AsyncClient& client : clients) {
    client.async_receive_view(
        [&](std::error_code, Received<MessageView> message) { received += message ? 1 : 0; });
  }
  const auto broadcast = Clock::now();
  failed += write(pipe_ends[1], "x", 1) == 1 ? 0 : 1;
  while (failed == 0 && received < count) context.run_one();
  std::printf(
      "%d connections: %zu bytes of resident memory each; opened in %.0f ms; a broadcast took %.1f ms\n",
      count, each, connects, milliseconds_since(broadcast));
  close(pipe_ends[1]);
  clients.clear();
  waitpid(child, nullptr, 0);
  return failed == 0 && each <= most ? 0 : 1;
}
