#include "cpwebsockets/transport/listener.hpp"

#include "socket.hpp"

namespace cpwebsockets::transport {

std::unique_ptr<TcpListener> TcpListener::open(const Address& address, std::error_code& ec) {
  std::unique_ptr<TcpListener> listener(new TcpListener);
  listener->address_ = address;
  listener->socket_ = open_socket(address.family(), ec);
  if (listener->socket_ == no_handle) return nullptr;
  ec = start_listening(listener->socket_, listener->address_);
  if (ec) return nullptr;
  return listener;
}

TcpListener::~TcpListener() {
  if (socket_ != no_handle) close_socket(socket_);
}

std::unique_ptr<TcpStream> TcpListener::accept() {
  const Handle socket = accept_socket(socket_);
  return socket == no_handle ? nullptr : std::make_unique<TcpStream>(socket);
}

}  // namespace cpwebsockets::transport
