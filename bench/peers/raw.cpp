// The same bytes, moved by a bare socket or bare OpenSSL: the floor that nothing can be faster than. It reads
// and checks nothing of them.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "work.hpp"

namespace {

SSL_SESSION* session = nullptr;  // of the last connection, to be resumed by the next

int keep_session(SSL*, SSL_SESSION* made) {
  SSL_SESSION_free(session);
  session = made;
  return 1;
}

SSL_CTX* make_context(const Work& work) {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  if (SSL_CTX_load_verify_file(context, work.ca.c_str()) != 1) std::exit(1);
  return context;
}

class Link {
 public:
  Link(const Work& work, SSL_CTX* context) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(work.port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::exit(1);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!work.tls) return;
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, socket_);
    SSL_set1_host(ssl_, work.host.c_str());
    if (session != nullptr) SSL_set_session(ssl_, session);
    if (SSL_connect(ssl_) != 1) {
      ERR_print_errors_fp(stderr);
      std::exit(1);
    }
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() {
    if (ssl_ != nullptr) SSL_shutdown(ssl_);
    SSL_free(ssl_);
    ::close(socket_);
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const long sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                        : ::send(socket_, bytes.data(), bytes.size(), 0);
      if (sent <= 0) std::exit(1);
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void read(std::size_t size) {
    while (size > 0) {
      const std::size_t most = std::min(size, block_.size());
      const long got = ssl_ != nullptr ? SSL_read(ssl_, block_.data(), static_cast<int>(most))
                                       : ::recv(socket_, block_.data(), most, 0);
      if (got <= 0) std::exit(1);
      size -= static_cast<std::size_t>(got);
    }
  }

 private:
  int socket_;
  SSL* ssl_ = nullptr;
  std::vector<char> block_ = std::vector<char>(64U << 10);
};

std::size_t header_size(std::size_t size) {
  return size < 126 ? 2 : size < 65536 ? 4 : 10;
}

// A masked binary frame, by the mask 0.
std::string frame_of(std::size_t size) {
  const std::size_t header = header_size(size);
  std::string frame(header + 4 + size, '\0');
  frame[0] = '\x82';
  frame[1] = static_cast<char>(0x80 | (header == 2 ? size : header == 4 ? 126 : 127));
  for (std::size_t i = 2; i < header; ++i) frame[i] = static_cast<char>(size >> (8 * (header - 1 - i)));
  return frame;
}

}  // namespace

int main(int argc, char** argv) {
  const Work work = parse(argc, argv);
  SSL_CTX* const context = work.tls ? make_context(work) : nullptr;
  const std::string request = "GET " + work.path + " HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string version = OpenSSL_version(OPENSSL_VERSION_STRING);
  if (work.connects()) {
    const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const std::size_t answer = 129;  // bytes, as bench_server sends it
    const Meter meter;
    for (std::size_t i = 0; i < work.count; ++i) {
      Link link(work, context);
      link.write(request.substr(0, request.size() - 2) + key);
      link.read(answer);
      link.write(std::string_view("\x88\x82\0\0\0\0\x03\xe8", 8));
      link.read(4);
    }
    meter.report(work, "raw", version, 0);
  }
  Link link(work, context);
  link.write(request);
  const std::string frame = frame_of(work.size);
  std::string block;  // as a batch
  const Meter meter;
  if (work.floods()) link.read(work.count * (header_size(work.size) + work.size));
  for (std::size_t i = 0; i < work.count && work.sends(); ++i) {
    if (work.batches()) {
      block += frame;
      if (block.size() < (16U << 10) && i + 1 < work.count) continue;
      link.write(block);
      block.clear();
    } else {
      link.write(frame);
    }
    if (work.echoes()) link.read(header_size(work.size) + work.size);
  }
  meter.report(work, "raw", version, work.receives() ? work.count * work.size : 0);
}
