// wslay: frames and messages over a socket that the program opens; the opening handshake is the program's
// own, and is not checked.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#include "work.hpp"

namespace {

int descriptor = -1;
std::size_t received = 0;
std::size_t messages = 0;
std::size_t wanted = 0;  // messages until there is no need to read on

ssize_t on_read(wslay_event_context* context, std::uint8_t* into, std::size_t size, int, void*) {
  if (messages >= wanted) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  const ssize_t got = ::recv(descriptor, into, size, 0);
  if (got <= 0) wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
  return got <= 0 ? -1 : got;
}

ssize_t on_write(wslay_event_context* context, const std::uint8_t* bytes, std::size_t size, int, void*) {
  const ssize_t sent = ::send(descriptor, bytes, size, 0);
  if (sent < 0) wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
  return sent;
}

int on_mask(wslay_event_context*, std::uint8_t* into, std::size_t size, void*) {
  return RAND_bytes(into, static_cast<int>(size)) == 1 ? 0 : -1;
}

void on_message(wslay_event_context*, const wslay_event_on_msg_recv_arg* message, void*) {
  if (message->opcode >= 8) return;
  received += message->msg_length;
  ++messages;
}

void open(const Work& work) {
  descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(work.port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::exit(1);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::string request = "GET " + work.path + " HTTP/1.1\r\nHost: x\r\n\r\n";
  if (::send(descriptor, request.data(), request.size(), 0) < 0) std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const Work work = parse(argc, argv);
  if (work.tls || work.connects() || work.batches()) Meter::cannot();
  open(work);
  const wslay_event_callbacks callbacks = {on_read, on_write, on_mask, nullptr, nullptr, nullptr, on_message};
  wslay_event_context* context = nullptr;
  if (wslay_event_context_client_init(&context, &callbacks, nullptr) != 0) return 1;
  wslay_event_config_set_max_recv_msg_length(context, 64U << 20);
  const wslay_event_msg message = {
      static_cast<std::uint8_t>(work.is_text() ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME),
      reinterpret_cast<const std::uint8_t*>(work.message.data()), work.size};
  const Meter meter;
  for (std::size_t i = 0; i < work.count; ++i) {
    if (work.sends() && (wslay_event_queue_msg(context, &message) != 0 || wslay_event_send(context) != 0))
      return 1;
    wanted = work.floods() ? work.count : i + 1;
    if (work.receives() && messages < wanted && wslay_event_recv(context) != 0) return 1;
  }
  meter.report(work, "wslay", WSLAY_VERSION, received);
}
