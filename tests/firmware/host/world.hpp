/// A whole network inside the test: lwIP with three interfaces whose packets come back, a clock that the test
/// moves, a DNS server that answers when the test says so, and TCP servers.
#pragma once

#include <lwip/tcp.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cpwebsockets/device/pipe.hpp"

namespace host {

/// Where there is an interface, by IPv4 and by IPv6.
inline constexpr const char* dns_server = "10.0.0.1";
inline constexpr const char* good_address = "10.0.1.1";
inline constexpr const char* other_address = "10.0.2.1";
inline constexpr const char* good_address_6 = "fd00::1";
/// What is sent there is lost.
inline constexpr const char* silent_address = "10.0.1.77";

enum class Record : std::uint16_t { a = 1, aaaa = 28 };

/// A TCP server at one address, which takes any number of connections and remembers what came.
class Server {
 public:
  Server(const char* address, std::uint16_t port);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void send(std::string_view text);
  void reset();
  void stop_reading() { is_reading_ = false; }

  int accepted = 0;
  int ended = 0;
  std::string received;

 private:
  static err_t on_accepted(void* self, tcp_pcb* pcb, err_t error);
  static err_t on_received(void* self, tcp_pcb* pcb, pbuf* bytes, err_t error);
  static void on_error(void* self, err_t error);

  tcp_pcb* listener_ = nullptr;
  tcp_pcb* connection_ = nullptr;
  bool is_reading_ = true;
};

/// Starts lwIP at the first call; makes it forget the names of earlier tests, too.
void start();
/// Lets packets and timers do what they can do now.
void pump();
/// Moves the clock on, in steps.
void pass(int milliseconds);
/// Waits until the DNS server has been asked for `name`, in at most ten seconds of its clock.
[[nodiscard]] bool is_asked_for(std::string_view name, Record type = Record::a);
/// Answers every query for `name` that waits; no address: there is none.
void answer(std::string_view name, const char* address, Record type = Record::a);
/// Polls `pipe` until it no longer opens, for at most `milliseconds` of the clock.
[[nodiscard]] cpwebsockets::device::PipeState open_of(cpwebsockets::device::Pipe& pipe,
                                                      int milliseconds = 10'000);

}  // namespace host
