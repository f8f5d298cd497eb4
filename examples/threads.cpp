// One thread receives while others send; a stop_token ends the wait; a batch sends many messages at once.
#include <atomic>
#include <cpwebsockets/client.hpp>
#include <cstdlib>
#include <iostream>
#include <thread>

int main(int argc, char** argv) try {
  if (argc < 2) return 2;
  cpwebsockets::Options options;
  if (const char* ca_file = std::getenv("CPWS_CACERT")) options.tls.ca_file = ca_file;
  auto ws = cpwebsockets::connect(argv[1], options);

  std::atomic<int> received = 0;
  // [threads]
  std::jthread receiver([&](std::stop_token stop) {
    std::error_code ec;
    while (const auto message = ws.receive_view(stop, ec)) ++received;  // a view: no copy, no allocation
  });
  ws.ping();
  {
    const auto batch = ws.batch();  // leaves in one system call at the end of the scope
    for (int i = 0; i < 50; ++i) ws.send("tick");
  }
  // [threads]
  while (received < 50) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  receiver.request_stop();
  receiver.join();
  std::cout << received << " messages, round trip " << ws.round_trip().count() << " us\n";
} catch (const std::exception& error) {
  std::cerr << "threads: " << error.what() << '\n';
  return 1;
}
