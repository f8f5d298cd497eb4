#include "cpwebsockets/lwip/tcp_pipe.hpp"

#include <lwip/dns.h>
#include <lwip/pbuf.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace cpwebsockets::lwip {

using device::PipeState;
using protocol::Error;
using protocol::Step;

// Holds lwIP for the time of a call.
class TcpPipe::Guard {
 public:
  explicit Guard(const Lock& lock) noexcept : lock_(lock) {
    if (lock_.enter != nullptr) lock_.enter();
  }
  ~Guard() {
    if (lock_.leave != nullptr) lock_.leave();
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  const Lock& lock_;
};

// --- Opening ---

void TcpPipe::open(const device::Destination& to) noexcept {
  const Guard guard(lock_);
  drop_connection();
  failure_ = {Step::resolve, Error::host_not_found, 0};
  state_ = State::resolving;
  port_ = to.port;

  // lwIP wants a NUL behind the name, and takes a copy of it.
  std::array<char, 256> name;
  if (to.host.empty() || to.host.size() >= name.size())
    return fail(Step::resolve, Error::host_not_found, ERR_ARG);
  std::memcpy(name.data(), to.host.data(), to.host.size());
  name[to.host.size()] = '\0';

  ip_addr_t address;
#if LWIP_DNS
  const err_t result = dns_gethostbyname(name.data(), &address, &on_address, this);
  if (result == ERR_INPROGRESS) {
    ++lookups_;
    return;
  }
#else
  const err_t result = ipaddr_aton(name.data(), &address) != 0 ? ERR_OK : ERR_ARG;
#endif
  if (result != ERR_OK) return fail(Step::resolve, Error::host_not_found, result);
  connect_to(address);
}

void TcpPipe::on_address(const char*, const ip_addr_t* address, void* self) noexcept {
  auto& pipe = *static_cast<TcpPipe*>(self);
  --pipe.lookups_;
  if (pipe.lookups_ > 0 || pipe.state_ != State::resolving) return;  // of a connection that was given up
  if (address == nullptr) return pipe.fail(Step::resolve, Error::host_not_found, ERR_VAL);
  pipe.connect_to(*address);
}

void TcpPipe::connect_to(const ip_addr_t& address) noexcept {
  pcb_ = tcp_new_ip_type(IP_GET_TYPE(&address));
  if (pcb_ == nullptr) return fail(Step::connect, Error::network_unavailable, ERR_MEM);
  tcp_nagle_disable(pcb_);  // whole frames are written: what is there is to go
  tcp_arg(pcb_, this);
  tcp_recv(pcb_, &on_received);
  tcp_err(pcb_, &on_error);
  failure_ = {Step::connect, Error::connect_timeout, 0};
  state_ = State::connecting;
  const err_t result = tcp_connect(pcb_, &address, port_, &on_connected);
  if (result != ERR_OK) fail(Step::connect, Error::network_unavailable, result);
}

err_t TcpPipe::on_connected(void* self, tcp_pcb*, err_t) noexcept {
  static_cast<TcpPipe*>(self)->state_ = State::open;
  return ERR_OK;
}

// --- Bytes ---

err_t TcpPipe::on_received(void* self, tcp_pcb*, pbuf* bytes, err_t) noexcept {
  auto& pipe = *static_cast<TcpPipe*>(self);
  if (bytes == nullptr) {
    pipe.state_ = State::ended;
  } else if (pipe.received_ == nullptr) {
    pipe.received_ = bytes;
  } else if (pipe.received_->tot_len + bytes->tot_len > 0xFFFF) {  // a chain holds no more
    return ERR_MEM;                                                // lwIP keeps it, and comes again
  } else {
    pbuf_cat(pipe.received_, bytes);
  }
  return ERR_OK;
}

void TcpPipe::on_error(void* self, err_t error) noexcept {
  auto& pipe = *static_cast<TcpPipe*>(self);
  pipe.pcb_ = nullptr;  // lwIP has freed it
  if (pipe.state_ != State::connecting) return pipe.fail(Step::connect, Error::connection_lost, error);
  pipe.fail(Step::connect, error == ERR_RST ? Error::connection_refused : Error::connect_timeout, error);
}

PipeState TcpPipe::poll() noexcept {
  const Guard guard(lock_);
  if (state_ == State::resolving || state_ == State::connecting) return PipeState::opening;
  if (state_ == State::open || received_ != nullptr) return PipeState::open;
  return state_ == State::failed ? PipeState::failed : PipeState::ended;
}

std::size_t TcpPipe::read(std::span<std::byte> into) noexcept {
  const Guard guard(lock_);
  if (received_ == nullptr) return 0;
  const auto room = static_cast<u16_t>(std::min<std::size_t>(into.size(), 0xFFFF));
  const u16_t size = pbuf_copy_partial(received_, into.data(), room, 0);
  received_ = pbuf_free_header(received_, size);
  if (pcb_ != nullptr) tcp_recved(pcb_, size);
  return size;
}

std::size_t TcpPipe::write(std::span<const std::byte> bytes) noexcept {
  const Guard guard(lock_);
  // Still after the peer's end of file, which ends one direction only.
  if (pcb_ == nullptr || (state_ != State::open && state_ != State::ended)) return 0;
  auto size = static_cast<u16_t>(std::min<std::size_t>({bytes.size(), tcp_sndbuf(pcb_), 0xFFFF}));
  // What does not fit lwIP's heap now may do so in part.
  while (size > 0 && tcp_write(pcb_, bytes.data(), size, TCP_WRITE_FLAG_COPY) != ERR_OK) size /= 2;
  if (size > 0) tcp_output(pcb_);
  return size;
}

// --- Ending ---

void TcpPipe::close() noexcept {
  const Guard guard(lock_);
  drop_connection();
  state_ = State::closed;
}

void TcpPipe::fail(Step step, Error error, err_t native) noexcept {
  if (error != Error::connection_lost) drop_connection();  // what had come before a loss is still read
  failure_ = {step, error, native};
  state_ = State::failed;
}

void TcpPipe::drop_connection() noexcept {
  if (received_ != nullptr) {
    // Counted as read: lwIP would answer unread bytes with a reset, which may overtake what we sent last.
    if (pcb_ != nullptr) tcp_recved(pcb_, received_->tot_len);
    pbuf_free(received_);
    received_ = nullptr;
  }
  if (pcb_ == nullptr) return;
  tcp_arg(pcb_, nullptr);
  tcp_recv(pcb_, nullptr);
  tcp_err(pcb_, nullptr);
  if (tcp_close(pcb_) != ERR_OK) tcp_abort(pcb_);
  pcb_ = nullptr;
}

}  // namespace cpwebsockets::lwip
