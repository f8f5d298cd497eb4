#include "cpwebsockets/lwip/tcp_pipe.hpp"

#include <lwip/dns.h>
#include <lwip/pbuf.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace cpwebsockets::lwip {

using device::PipeError;
using device::PipeState;
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
  to_ = to;
#if LWIP_IPV4 && LWIP_IPV6
  is_second_family_ = false;
  first_failure_ = {};
#endif
  ask();
}

// Asks lwIP for the address. While it can take no more questions, poll() comes here again.
void TcpPipe::ask() noexcept {
  state_ = State::asking;
  failure_ = {Step::resolve, PipeError::host_not_found, 0};
  // lwIP wants a NUL behind the name, and takes a copy of it.
  std::array<char, 256> name;
  if (to_.host.empty() || to_.host.size() >= name.size())
    return fail(Step::resolve, PipeError::host_not_found, ERR_ARG);
  std::memcpy(name.data(), to_.host.data(), to_.host.size());
  name[to_.host.size()] = '\0';

  ip_addr_t address;
#if LWIP_DNS
  static std::uintptr_t last_lookup = 0;
  if (++last_lookup == 0) ++last_lookup;
  void* const lookup = reinterpret_cast<void*>(last_lookup);
#if LWIP_IPV4 && LWIP_IPV6
  constexpr bool prefers_ipv6 = LWIP_DNS_ADDRTYPE_DEFAULT == LWIP_DNS_ADDRTYPE_IPV6 ||
                                LWIP_DNS_ADDRTYPE_DEFAULT == LWIP_DNS_ADDRTYPE_IPV6_IPV4;
  const bool is_literal = ipaddr_aton(name.data(), &address) != 0;
  if (is_literal) is_second_family_ = true;  // there is no other
  const u8_t family = prefers_ipv6 != is_second_family_ ? LWIP_DNS_ADDRTYPE_IPV6 : LWIP_DNS_ADDRTYPE_IPV4;
  const err_t result = is_literal
                           ? err_t{ERR_OK}
                           : dns_gethostbyname_addrtype(name.data(), &address, &on_address, lookup, family);
#else
  const err_t result = dns_gethostbyname(name.data(), &address, &on_address, lookup);
#endif
  if (result == ERR_MEM) return;
  if (result == ERR_INPROGRESS) {
    state_ = State::resolving;
    lookup_ = last_lookup;
    next_waiting_ = first_waiting_;
    first_waiting_ = this;
    return;
  }
#else
  const err_t result = ipaddr_aton(name.data(), &address) != 0 ? ERR_OK : ERR_ARG;
#endif
  if (result != ERR_OK) return address_failed(Step::resolve, PipeError::host_not_found, result);
  connect_to(address);
}

#if LWIP_DNS
constinit TcpPipe* TcpPipe::first_waiting_ = nullptr;

void TcpPipe::on_address(const char*, const ip_addr_t* address, void* lookup) noexcept {
  TcpPipe* pipe = first_waiting_;
  while (pipe != nullptr && pipe->lookup_ != reinterpret_cast<std::uintptr_t>(lookup))
    pipe = pipe->next_waiting_;
  if (pipe == nullptr) return;  // it was given up
  pipe->forget_lookup();
  if (address == nullptr) return pipe->address_failed(Step::resolve, PipeError::host_not_found, ERR_VAL);
  pipe->connect_to(*address);
}

void TcpPipe::forget_lookup() noexcept {
  TcpPipe** at = &first_waiting_;
  while (*at != nullptr && *at != this) at = &(*at)->next_waiting_;
  if (*at != nullptr) *at = next_waiting_;
}
#else
void TcpPipe::forget_lookup() noexcept {}
#endif

void TcpPipe::connect_to(const ip_addr_t& address) noexcept {
  pcb_ = tcp_new_ip_type(IP_GET_TYPE(&address));
  if (pcb_ == nullptr) return fail(Step::connect, PipeError::network_unavailable, ERR_MEM);
  tcp_nagle_disable(pcb_);  // whole frames are written: what is there is to go
  tcp_arg(pcb_, this);
  tcp_recv(pcb_, &on_received);
  tcp_err(pcb_, &on_error);
#if LWIP_IPV4 && LWIP_IPV6
  constexpr u8_t half_seconds = 6;
  if (!is_second_family_) tcp_poll(pcb_, &on_silence, half_seconds);
#endif
  failure_ = {Step::connect, PipeError::connect_timeout, 0};
  state_ = State::connecting;
  const err_t result = tcp_connect(pcb_, &address, to_.port, &on_connected);
  if (result != ERR_OK) address_failed(Step::connect, PipeError::network_unavailable, result);
}

// The next address is tried, if there is one. Not from here, but by poll(): lwIP may be in the midst of its
// table of names, where a new question would get the old one's answer.
void TcpPipe::address_failed(Step step, PipeError error, err_t native) noexcept {
#if LWIP_IPV4 && LWIP_IPV6
  if (!is_second_family_) {
    drop_connection();
    is_second_family_ = true;
    first_failure_ = {step, error, native};
    failure_ = first_failure_;
    state_ = State::asking;
    return;
  }
  // What an address did says more than that there is no other.
  if (step == Step::resolve && first_failure_.step == Step::connect) {
    drop_connection();
    failure_ = first_failure_;
    state_ = State::failed;
    return;
  }
#endif
  fail(step, error, native);
}

#if LWIP_IPV4 && LWIP_IPV6
err_t TcpPipe::on_silence(void*, tcp_pcb* pcb) noexcept {
  tcp_abort(pcb);  // which on_error() is told
  return ERR_ABRT;
}
#endif

err_t TcpPipe::on_connected(void* self, tcp_pcb* pcb, err_t) noexcept {
#if LWIP_IPV4 && LWIP_IPV6
  tcp_poll(pcb, nullptr, 0);
#else
  static_cast<void>(pcb);
#endif
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
  if (pipe.state_ != State::connecting) return pipe.fail(Step::connect, PipeError::connection_lost, error);
  pipe.address_failed(Step::connect,
                      error == ERR_RST ? PipeError::connection_refused : PipeError::connect_timeout, error);
}

PipeState TcpPipe::poll() noexcept {
  const Guard guard(lock_);
  if (state_ == State::asking) ask();
  if (state_ == State::asking || state_ == State::resolving || state_ == State::connecting)
    return PipeState::opening;
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
  if (pcb_ == nullptr || (state_ != State::open && state_ != State::ended)) return gone;
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

void TcpPipe::fail(Step step, PipeError error, err_t native) noexcept {
  if (error != PipeError::connection_lost) drop_connection();  // what had come before a loss is still read
  failure_ = {step, error, native};
  state_ = State::failed;
}

void TcpPipe::drop_connection() noexcept {
  if (state_ == State::resolving) forget_lookup();
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
