// A bare server for measurements: serves one connection after another until it is killed; prints its port.
//   GET /flood/COUNT/SIZE/binary|text   sends COUNT messages, then a close frame
//   GET /echo/SIZE                      answers each message, of any number of frames, with one of SIZE bytes
//   GET /sink                           reads until end of file
// It checks nothing. A raw client, without Sec-WebSocket-Key, gets its data without an answer to the
// handshake.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cpwebsockets/protocol/handshake.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

bool send_all(int socket, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

std::string header(unsigned first, std::size_t size, bool masked) {
  std::string bytes(1, static_cast<char>(first));
  const unsigned mask_bit = masked ? 0x80 : 0;
  const int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  bytes += static_cast<char>(mask_bit | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
  for (int i = length_bytes - 1; i >= 0; --i) bytes += static_cast<char>(size >> (8 * i));
  if (masked) bytes.append(4, '\0');
  return bytes;
}

std::string payload(std::size_t size, bool text) {
  std::string bytes;
  const char* units[] = {"mixed ", "größe ", "€uro ", "😀 "};
  for (std::size_t i = 0; bytes.size() < size; ++i) bytes += text ? units[i * 7 % 4] : "\x01\x02\xfe\xff";
  while (bytes.size() > size || (text && !bytes.empty() && (bytes.back() & 0x80) != 0)) bytes.pop_back();
  bytes.append(size - bytes.size(), '.');
  return bytes;
}

void flood(int socket, std::size_t count, std::size_t size, bool text) {
  const std::string one = header(text ? 0x81 : 0x82, size, false) + payload(size, text);
  std::string block;
  while (block.size() < (1U << 20)) block += one;
  const std::size_t per_block = block.size() / one.size();
  for (; count >= per_block; count -= per_block) {
    if (!send_all(socket, block.data(), block.size())) return;
  }
  block.resize(count * one.size());
  block += std::string("\x88\x02\x03\xe8", 4);
  send_all(socket, block.data(), block.size());
}

// Size of the masked frame that `bytes` begins with; 0 if they do not tell yet.
std::size_t frame_size(std::string_view bytes) {
  if (bytes.size() < 2) return 0;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
  };
  const std::size_t length = byte(1) & 0x7F;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (extended == 0) return 2 + 4 + length;
  if (bytes.size() < 2 + extended) return 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < extended; ++i) size = size << 8 | byte(2 + i);
  return 2 + extended + 4 + size;
}

void echo(int socket, std::size_t size) {
  const std::string answer = header(0x82, size, false) + payload(size, false);
  std::vector<char> block(1U << 16);
  std::string bytes;
  for (;;) {
    for (std::size_t frame = frame_size(bytes); frame > 0 && frame <= bytes.size();
         frame = frame_size(bytes)) {
      const auto first = static_cast<unsigned char>(bytes[0]);
      bytes.erase(0, frame);
      if ((first & 0xF) == 8) {
        send_all(socket, "\x88\x02\x03\xe8", 4);
        return;
      }
      if (first >= 0x80 && !send_all(socket, answer.data(), answer.size())) return;
    }
    const ssize_t got = ::recv(socket, block.data(), block.size(), 0);
    if (got <= 0) return;
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
}

void sink(int socket) {
  std::vector<char> block(1U << 20);
  while (::recv(socket, block.data(), block.size(), 0) > 0) {
  }
}

void serve(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::string request;
  char block[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(socket, block, sizeof block, 0);
    if (got <= 0) return;
    request.append(block, static_cast<std::size_t>(got));
  }
  const std::string_view name = "Sec-WebSocket-Key: ";
  if (const std::size_t at = request.find(name); at != std::string::npos) {
    const auto accept =
        cpwebsockets::protocol::accept_value(std::string_view(request).substr(at + name.size(), 24));
    const std::string answer =
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
        std::string(accept.data(), accept.size()) + "\r\n\r\n";
    send_all(socket, answer.data(), answer.size());
  }
  std::size_t count = 0;
  std::size_t size = 0;
  char kind[8] = "";
  if (std::sscanf(request.c_str(), "GET /flood/%zu/%zu/%7s", &count, &size, kind) == 3) {
    flood(socket, count, size, std::strncmp(kind, "text", 4) == 0);
  } else if (std::sscanf(request.c_str(), "GET /echo/%zu", &size) == 1) {
    echo(socket, size);
  } else {
    sink(socket);
  }
}

}  // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 8) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 1;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  for (;;) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) return 1;
    serve(socket);
    ::close(socket);
  }
}
