#include "peer.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cpwebsockets/protocol/handshake.hpp>
#include <stdexcept>

namespace test {

Peer::Peer(int descriptor) : descriptor_(descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Peer::~Peer() {
  ::close(descriptor_);
}

bool Peer::fill() {
  pollfd entry{descriptor_, POLLIN, 0};
  if (::poll(&entry, 1, 5000) != 1) return false;
  char block[65536];
  const ssize_t size = ::recv(descriptor_, block, sizeof block, 0);
  if (size > 0) buffer_.append(block, static_cast<std::size_t>(size));
  return size > 0;
}

void Peer::open(std::string_view more_lines) {
  std::size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return;
  }
  request_ = buffer_.substr(0, end + 4);
  buffer_.erase(0, end + 4);
  const std::string_view name = "Sec-WebSocket-Key: ";
  const auto accept = cpwebsockets::protocol::accept_value(
      std::string_view(request_).substr(request_.find(name) + name.size(), 24));
  send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
      "Upgrade\r\nSec-WebSocket-Accept: " +
      std::string(accept.data(), accept.size()) + "\r\n" + std::string(more_lines) + "\r\n");
}

void Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

std::string Peer::receive_frame(std::string* first) {
  if (first != nullptr) first->clear();
  const auto need = [this](std::size_t size) {
    while (buffer_.size() < size) {
      if (!fill()) return false;
    }
    return true;
  };
  if (!need(2)) return {};
  std::uint64_t size = static_cast<unsigned char>(buffer_[1]) & 0x7F;
  std::size_t header = 2;
  if (size >= 126) {
    header = size == 126 ? 4 : 10;
    if (!need(header)) return {};
    size = 0;
    for (std::size_t i = 2; i < header; ++i) size = size << 8 | static_cast<unsigned char>(buffer_[i]);
  }
  if (!need(header + 4 + size)) return {};
  std::string payload = buffer_.substr(header + 4, size);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(payload[i] ^ buffer_[header + i % 4]);
  if (first != nullptr) *first = buffer_.substr(0, 1);
  buffer_.erase(0, header + 4 + size);
  return payload;
}

void Peer::echo() {
  for (std::string first;;) {
    const std::string payload = receive_frame(&first);
    if (first.empty()) return;
    const auto byte = static_cast<unsigned char>(first[0]);
    if ((byte & 0xF) == 9) {
      send(server_frame(0x8A, payload));
    } else if ((byte & 0xF) != 10) {
      send(server_frame(byte, payload));
    }
    if ((byte & 0xF) == 8) return;
  }
}

void Peer::await_close() {
  for (std::string first;;) {
    const std::string payload = receive_frame(&first);
    if (first.empty()) return;
    if (first == "\x88") return send(server_frame(0x88, payload));
  }
}

void Peer::wait_for_eof() {
  while (fill()) {
  }
}

void open_and_echo(Peer& peer) {
  peer.open();
  peer.echo();
}

std::string server_frame(unsigned first_byte, std::string_view payload) {
  std::string bytes(1, static_cast<char>(first_byte));
  if (payload.size() < 126) {
    bytes += static_cast<char>(payload.size());
  } else {
    const int length_bytes = payload.size() < 65536 ? 2 : 8;
    bytes += static_cast<char>(length_bytes == 2 ? 126 : 127);
    for (int i = length_bytes - 1; i >= 0; --i) bytes += static_cast<char>(payload.size() >> (8 * i));
  }
  return bytes.append(payload);
}

Server::Server(std::function<void(Peer&)> script)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, name, size) != 0 || ::listen(listener_, 4) != 0 ||
      ::getsockname(listener_, name, &size) != 0) {
    throw std::runtime_error("cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, script = std::move(script)] {
    pollfd entry{listener_, POLLIN, 0};
    if (::poll(&entry, 1, 10'000) != 1) return;
    const int descriptor = ::accept(listener_, nullptr, nullptr);
    if (descriptor < 0) return;
    Peer peer(descriptor);
    script(peer);
  });
}

Server::~Server() {
  thread_.join();
  ::close(listener_);
}

std::string Server::url(std::string_view path) const {
  return "ws://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

}  // namespace test
