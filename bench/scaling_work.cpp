// How cost grows with the work: scaling_work URL WORK N COUNT
//   connections   N connections are opened; then COUNT echoes of 16 B, each on the next of them
//   threads       N threads send COUNT messages of 16 B between them, on one connection
//   fragments     COUNT fragments of 16 B come, in messages of N each
//   pieces        COUNT pieces of 16 B are sent as fragments, in messages of N each
// Prints one line of JSON: CPU time, time, and with connections what the opening of one took, in seconds.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cpwebsockets/client.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

using cpwebsockets::Client;

constexpr std::string_view payload = "sixteen bytes...";

struct Moment {
  double cpu = 0;
  double time = 0;
};

Moment now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  const std::chrono::duration<double> time = std::chrono::steady_clock::now().time_since_epoch();
  return {seconds(usage.ru_utime) + seconds(usage.ru_stime), time.count()};
}

void require(bool met, const char* what) {
  if (met) return;
  std::fprintf(stderr, "scaling_work: %s\n", what);
  std::exit(1);
}

// `opening`: CPU time of each connection's opening.
[[noreturn]] void report(const Moment& began, std::size_t count, double opening = 0) {
  const Moment end = now();
  const auto units = static_cast<double>(count);
  std::printf("{\"cpu\": %.12f, \"seconds\": %.12f, \"opening\": %.9f}\n", (end.cpu - began.cpu) / units,
              (end.time - began.time) / units, opening);
  std::fflush(stdout);
  std::_Exit(0);  // closing is not measured
}

void echo_on_many(const std::string& url, std::size_t connections, std::size_t count) {
  std::vector<Client> clients;
  clients.reserve(connections);
  const Moment before = now();
  for (std::size_t i = 0; i < connections; ++i) clients.push_back(cpwebsockets::connect(url + "/echo/16"));
  const Moment began = now();
  for (std::size_t i = 0; i < count; ++i) {
    Client& ws = clients[i % connections];
    ws.send(payload);
    const auto answer = ws.receive_view();
    require(answer && answer->bytes.size() == payload.size(), "an echo is missing");
  }
  report(began, count, (began.cpu - before.cpu) / static_cast<double>(connections));
}

void send_by_threads(const std::string& url, std::size_t threads, std::size_t count) {
  Client ws = cpwebsockets::connect(url + "/sink");
  const Moment began = now();
  {
    std::vector<std::jthread> senders;
    for (std::size_t t = 0; t < threads; ++t) {
      senders.emplace_back([&ws, share = count / threads] {
        for (std::size_t i = 0; i < share; ++i) ws.send(payload);
      });
    }
  }
  report(began, count / threads * threads);
}

void receive_fragments(const std::string& url, std::size_t fragments, std::size_t count) {
  const std::size_t messages = std::max<std::size_t>(1, count / fragments);
  cpwebsockets::Options options;
  options.max_message_size = 64U << 20;
  Client ws = cpwebsockets::connect(
      url + "/fragments/" + std::to_string(messages) + "/" + std::to_string(fragments), options);
  const Moment began = now();
  for (std::size_t i = 0; i < messages; ++i) {
    const auto message = ws.receive_view();
    require(message && message->bytes.size() == fragments * payload.size(), "a message is missing");
  }
  report(began, messages * fragments);
}

void send_pieces(const std::string& url, std::size_t pieces, std::size_t count) {
  const std::size_t messages = std::max<std::size_t>(1, count / pieces);
  Client ws = cpwebsockets::connect(url + "/sink");
  const Moment began = now();
  for (std::size_t i = 0; i < messages; ++i) {
    cpwebsockets::MessageWriter writer = ws.begin_text();
    for (std::size_t piece = 0; piece < pieces; ++piece) writer.append(payload);
    writer.finish();
  }
  report(began, messages * pieces);
}

}  // namespace

int main(int argc, char** argv) try {
  require(argc == 5, "URL connections|threads|fragments|pieces N COUNT");
  const std::string url = argv[1];
  const std::string work = argv[2];
  const std::size_t n = std::max<std::size_t>(1, std::strtoull(argv[3], nullptr, 10));
  const std::size_t count = std::max<std::size_t>(n, std::strtoull(argv[4], nullptr, 10));
  if (work == "connections") echo_on_many(url, n, count);
  if (work == "threads") send_by_threads(url, n, count);
  if (work == "fragments") receive_fragments(url, n, count);
  if (work == "pieces") send_pieces(url, n, count);
  require(false, "no such work");
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
