#include "peer.hpp"

#include <cpwebsockets/protocol/handshake.hpp>
#include <system_error>

#include "sockets.hpp"

namespace test {

namespace transport = cpwebsockets::transport;
using namespace std::chrono_literals;

Peer::Peer(std::unique_ptr<transport::TcpStream> stream) : stream_(std::move(stream)) {}

std::string Peer::receive_some(std::size_t size) {
  const transport::Deadline deadline{transport::Clock::now() + 5s, {}};
  std::string bytes(size, '\0');
  for (;;) {
    const transport::IoResult result = stream_->read(std::as_writable_bytes(std::span(bytes)));
    if (result.status != transport::IoStatus::want_read) {
      bytes.resize(result.size);
      return bytes;
    }
    if (wait_for(stream_->handle(), transport::Ready::read, deadline)) return {};
  }
}

bool Peer::fill() {
  const std::string bytes = receive_some(65536);
  buffer_ += bytes;
  return !bytes.empty();
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
    const transport::IoResult result = stream_->write(std::as_bytes(std::span(bytes)));
    if (result.status == transport::IoStatus::want_write) {
      if (wait_for(stream_->handle(), transport::Ready::write, {})) return;
    } else if (result.status != transport::IoStatus::ok) {
      return;
    }
    bytes.remove_prefix(result.size);
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

void Peer::reset_at_end() {
  const linger now{1, 0};
  ::setsockopt(stream_->handle(), SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&now), sizeof now);
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

Server::Server(std::function<void(Peer&)> script) {
  std::error_code ec;
  const auto addresses = transport::resolve("127.0.0.1", 0, {}, ec);
  if (!ec) listener_ = transport::TcpListener::open(addresses.front(), ec);
  if (ec) throw std::system_error(ec, "cannot listen");
  thread_ = std::thread([this, script = std::move(script)] {
    if (wait_for(listener_->handle(), transport::Ready::read, {transport::Clock::now() + 10s, {}})) return;
    if (auto stream = listener_->accept()) {
      Peer peer(std::move(stream));
      script(peer);
    }
  });
}

Server::~Server() {
  thread_.join();
}

std::string Server::url(std::string_view path) const {
  return "ws://127.0.0.1:" + std::to_string(port()) + std::string(path);
}

}  // namespace test
