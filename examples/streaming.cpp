// A message that is never held as a whole, in either direction.
#include <cpwebsockets/client.hpp>
#include <cstdlib>
#include <iostream>
#include <thread>

int main(int argc, char** argv) try {
  if (argc < 2) return 2;
  cpwebsockets::Options options;
  if (const char* ca_file = std::getenv("CPWS_CACERT")) options.tls.ca_file = ca_file;
  auto ws = cpwebsockets::connect(argv[1], options);

  // One thread receives while another sends: an echo of this size fills the sockets both ways.
  std::thread sender([&ws] {
    // [send by pieces]
    auto message = ws.begin_text();
    for (int i = 0; i < 100'000; ++i) message.append("another line of a long report\n");
    message.finish();
    // [send by pieces]
  });
  // [receive by pieces]
  std::size_t size = 0;
  while (const auto part = ws.receive_part()) {
    size += part->bytes.size();  // written to a file, parsed, ...
    if (part->last) break;
  }
  // [receive by pieces]
  sender.join();
  std::cout << size << " bytes came back\n";
  return size == 3'000'000 ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "streaming: " << error.what() << '\n';
  return 1;
}
