// The same bytes as bench_client, moved by bare sockets: the floor that nothing can be faster than.
//   bench_raw PORT receive|echo|send COUNT SIZE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const std::string work = argv[2];
  const std::size_t count = std::strtoull(argv[3], nullptr, 10);
  const std::size_t size = std::strtoull(argv[4], nullptr, 10);
  const std::size_t header = size < 126 ? 2 : size < 65536 ? 4 : 10;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::string path = "/sink";
  if (work == "receive") path = "/flood/" + std::to_string(count) + "/" + argv[4] + "/binary";
  if (work == "echo") path = "/echo/" + std::string(argv[4]);
  const std::string request = "GET " + path + " HTTP/1.1\r\n\r\n";
  ::send(socket, request.data(), request.size(), 0);

  std::vector<char> message(header + 4 + size, 'm');
  message[0] = static_cast<char>(0x82);
  std::vector<char> block(1U << 20);
  const auto receive = [&](std::size_t wanted) {
    while (wanted > 0) {
      const ssize_t got = ::recv(socket, block.data(), std::min(wanted, block.size()), 0);
      if (got <= 0) std::exit(1);
      wanted -= static_cast<std::size_t>(got);
    }
  };
  if (work == "receive") {
    receive(count * (header + size));
    return 0;
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t sent = 0; sent < message.size();) {
      const ssize_t moved = ::send(socket, message.data() + sent, message.size() - sent, 0);
      if (moved <= 0) return 1;
      sent += static_cast<std::size_t>(moved);
    }
    if (work == "echo") receive(header + size);
  }
}
