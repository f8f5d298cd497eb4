// A server for measurements that is never the bottleneck: `bench_server [CERTIFICATE KEY]` serves until it is
// killed. Prints a line with its port, and with a certificate one with its port for TLS.
//   GET /flood/COUNT/SIZE/binary|text   sends COUNT messages, made beforehand, in large writes, and closes
//   GET /fragments/COUNT/N              the same, COUNT messages of N fragments of 16 B
//   GET /echo/SIZE                      answers each message, of any number of frames, with SIZE bytes
//   GET /sink                           reads until end of file
// It checks nothing. A raw client, without Sec-WebSocket-Key, gets its data without an answer to the
// handshake.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cpwebsockets/protocol/handshake.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

// One connection, inside TLS or not.
class Link {
 public:
  Link(int socket, SSL_CTX* tls) : socket_(socket), ssl_(tls != nullptr ? SSL_new(tls) : nullptr) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (ssl_ != nullptr) SSL_set_fd(ssl_, socket_);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() {
    if (ssl_ != nullptr) SSL_shutdown(ssl_);
    SSL_free(ssl_);
    ::close(socket_);
  }

  [[nodiscard]] bool open() { return ssl_ == nullptr || SSL_accept(ssl_) == 1; }
  // Bytes read, or less than 1 at the end.
  long read(char* into, std::size_t size) {
    if (ssl_ != nullptr) return SSL_read(ssl_, into, static_cast<int>(size));
    return ::recv(socket_, into, size, 0);
  }
  bool write(std::string_view bytes) {
    if (ssl_ != nullptr) return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

 private:
  int socket_;
  SSL* ssl_;
};

constexpr std::string_view close_frame("\x88\x02\x03\xe8", 4);

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

std::string message(std::size_t size, bool text) {
  return header(text ? 0x81 : 0x82, size, false) + payload(size, text);
}

std::string fragmented_message(std::size_t fragments) {
  constexpr std::size_t size = 16;
  std::string bytes;
  for (std::size_t i = 0; i < fragments; ++i) {
    const unsigned opcode = i == 0 ? 2 : 0;
    bytes += header(i + 1 == fragments ? 0x80 | opcode : opcode, size, false) + payload(size, false);
  }
  return bytes;
}

// Sends `one` message `count` times.
void flood(Link& link, std::size_t count, const std::string& one) {
  std::string block;
  while (block.size() < (1U << 20)) block += one;
  const std::size_t per_block = block.size() / one.size();
  for (; count >= per_block; count -= per_block) {
    if (!link.write(block)) return;
  }
  block.resize(count * one.size());
  block += close_frame;
  link.write(block);
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

// `bytes`: what came behind the request.
void echo(Link& link, std::size_t size, std::string bytes) {
  const std::string answer = header(0x82, size, false) + payload(size, false);
  std::vector<char> block(1U << 16);
  for (;;) {
    for (std::size_t frame = frame_size(bytes); frame > 0 && frame <= bytes.size();
         frame = frame_size(bytes)) {
      const auto first = static_cast<unsigned char>(bytes[0]);
      bytes.erase(0, frame);
      if ((first & 0xF) == 8) {
        link.write(close_frame);
        return;
      }
      if (first >= 0x80 && !link.write(answer)) return;
    }
    const long got = link.read(block.data(), block.size());
    if (got <= 0) return;
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
}

void sink(Link& link) {
  std::vector<char> block(1U << 20);
  while (link.read(block.data(), block.size()) > 0) {
  }
}

void serve(Link& link) {
  if (!link.open()) return;
  std::string request;
  std::array<char, 4096> block;
  while (request.find("\r\n\r\n") == std::string::npos) {
    const long got = link.read(block.data(), block.size());
    if (got <= 0) return;
    request.append(block.data(), static_cast<std::size_t>(got));
  }
  const std::string_view name = "sec-websocket-key: ";
  std::string lower = request;
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (const std::size_t at = lower.find(name); at != std::string::npos) {
    const auto accept =
        cpwebsockets::protocol::accept_value(std::string_view(request).substr(at + name.size(), 24));
    link.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Accept: " +
        std::string(accept.data(), accept.size()) + "\r\n\r\n");
  }
  std::size_t count = 0;
  std::size_t size = 0;
  char kind[8] = "";
  if (std::sscanf(request.c_str(), "GET /flood/%zu/%zu/%7s", &count, &size, kind) == 3) {
    flood(link, count, message(size, std::strncmp(kind, "text", 4) == 0));
    sink(link);
  } else if (std::sscanf(request.c_str(), "GET /fragments/%zu/%zu", &count, &size) == 2) {
    flood(link, count, fragmented_message(size));
    sink(link);
  } else if (std::sscanf(request.c_str(), "GET /echo/%zu", &size) == 1) {
    echo(link, size, request.substr(request.find("\r\n\r\n") + 4));
  } else {
    sink(link);
  }
}

// A listening socket, whose port is printed; -1 if there is none.
int listen_on_loopback() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return -1;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

void accept_all(int listener, SSL_CTX* tls) {
  for (;;) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) std::_Exit(1);
    std::thread([socket, tls] {
      Link link(socket, tls);
      serve(link);
    }).detach();
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const int plain = listen_on_loopback();
  if (plain < 0) return 1;
  if (argc == 3) {
    SSL_CTX* const tls = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(tls, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, argv[2], SSL_FILETYPE_PEM) != 1) {
      std::fprintf(stderr, "bench_server: %s and %s cannot be used\n", argv[1], argv[2]);
      return 1;
    }
    const int secure = listen_on_loopback();
    if (secure < 0) return 1;
    std::thread([secure, tls] { accept_all(secure, tls); }).detach();
  }
  accept_all(plain, nullptr);
}
