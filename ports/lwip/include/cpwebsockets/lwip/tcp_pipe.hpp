/// A Pipe over lwIP's raw API (its callback interface), with or without an operating system.
#pragma once

#include <lwip/ip_addr.h>
#include <lwip/tcp.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpwebsockets/device/pipe.hpp"

namespace cpwebsockets::lwip {

/// lwIP's lock. Only one thread at a time may use the raw API. Give the pair of functions that your port has
/// for that, for example cyw43_arch_lwip_begin and _end, or a pair around LOCK_TCPIP_CORE() and
/// UNLOCK_TCPIP_CORE(). Leave it empty if lwIP and the client run in the same loop. The lock is held for
/// single calls of lwIP, never while TLS computes.
struct Lock {
  /// Takes the lock; null for none.
  void (*enter)() = nullptr;
  /// Releases the lock; null for none.
  void (*leave)() = nullptr;
};

/// A TCP connection by name (with LWIP_DNS) or address. write() copies to lwIP's own memory, and read() takes
/// from lwIP's buffers. The TCP window opens as read() empties them, so the server sends no faster than the
/// application reads.
///
/// lwIP gives one address of each family for a name. If it was built for both, the second is tried when the
/// first refuses, or has not answered for three seconds.
///
/// It may be closed, opened again and destroyed at any time, also during a look-up. lwIP cannot cancel one: a
/// late answer is dropped.
class TcpPipe final : public device::Pipe {
 public:
  /// `lock` is held around each use of lwIP.
  explicit TcpPipe(Lock lock = {}) noexcept : lock_(lock) {}
  ~TcpPipe() {
    if (state_ != State::closed) close();
  }

  TcpPipe(const TcpPipe&) = delete;
  TcpPipe& operator=(const TcpPipe&) = delete;

  void open(const device::Destination& to) noexcept override;
  [[nodiscard]] device::PipeState poll() noexcept override;
  [[nodiscard]] std::size_t read(std::span<std::byte> into) noexcept override;
  [[nodiscard]] std::size_t write(std::span<const std::byte> bytes) noexcept override;
  void close() noexcept override;

 private:
  enum class State : std::uint8_t { closed, asking, resolving, connecting, open, ended, failed };
  class Guard;

  void ask() noexcept;
  void forget_lookup() noexcept;
  void connect_to(const ip_addr_t& address) noexcept;
  void address_failed(protocol::Step step, device::PipeError error, err_t native) noexcept;
  void fail(protocol::Step step, device::PipeError error, err_t native) noexcept;
  void drop_connection() noexcept;
  static void on_address(const char* name, const ip_addr_t* address, void* lookup) noexcept;
  static err_t on_silence(void* self, tcp_pcb* pcb) noexcept;
  static err_t on_connected(void* self, tcp_pcb* pcb, err_t error) noexcept;
  static err_t on_received(void* self, tcp_pcb* pcb, pbuf* bytes, err_t error) noexcept;
  static void on_error(void* self, err_t error) noexcept;

  Lock lock_;
  tcp_pcb* pcb_ = nullptr;
  pbuf* received_ = nullptr;
  device::Destination to_;
#if LWIP_DNS
  // Every look-up has a number of its own, which lwIP hands back with the answer: it is then nobody's, or it
  // is that of one pipe in this list. A pointer to the pipe would outlive the pipe, or what it asked.
  std::uintptr_t lookup_ = 0;
  TcpPipe* next_waiting_ = nullptr;
  static TcpPipe* first_waiting_;
#endif
#if LWIP_IPV4 && LWIP_IPV6
  bool is_second_family_ = false;
  device::PipeFailure first_failure_;
#endif
  State state_ = State::closed;
};

}  // namespace cpwebsockets::lwip
