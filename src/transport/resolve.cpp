// Names to addresses, with a bound that getaddrinfo(3) does not have.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#include "socket.hpp"
#include "system_sockets.hpp"
#include "thread.hpp"
#include "wake_up.hpp"

#ifdef _WIN32
#include "windows/error.hpp"
#endif

namespace cpwebsockets::transport {
namespace {

class ResolveCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "resolve"; }
  [[nodiscard]] std::string message(int value) const override {
#ifdef _WIN32
    return system_message(value);  // gai_strerror there has one buffer for all threads
#else
    return ::gai_strerror(value);
#endif
  }
};

static_assert(sizeof(Address::storage) >= sizeof(sockaddr_storage));

std::vector<Address> to_addresses(const addrinfo* list) {
  std::vector<Address> addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_addrlen > sizeof(Address::storage)) continue;
    Address address;
    std::memcpy(address.storage.data(), entry->ai_addr, entry->ai_addrlen);
    address.size = static_cast<std::uint32_t>(entry->ai_addrlen);
    addresses.push_back(address);
  }
  // RFC 8305 §4: families take turns, beginning with what the system prefers.
  std::vector<Address> ordered;
  std::size_t taken[2] = {0, 0};
  const auto first_family = addresses.empty() ? 0 : addresses.front().family();
  while (ordered.size() < addresses.size()) {
    for (std::size_t turn = 0; turn < 2; ++turn) {
      std::size_t& at = taken[turn];
      while (at < addresses.size() && (addresses[at].family() == first_family) != (turn == 0)) ++at;
      if (at < addresses.size()) ordered.push_back(addresses[at++]);
    }
  }
  return ordered;
}

int look_up(const std::string& host, const std::string& port, int flags, std::vector<Address>& addresses) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int status = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
  if (status != 0) return status;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
  addresses = to_addresses(list);
  return 0;
}

// Threads that look up a name, those included that nobody waits for any more: a resolver that does not answer
// must not make a program that tries again and again collect them.
std::atomic<int> look_ups{0};
constexpr int most_look_ups = 32;
constexpr std::chrono::milliseconds place_look_interval{10};

// What the asking and the looking-up thread share; the last of the two frees it.
struct LookUp {
  std::string host;
  std::string port;
  WakeUp done;
  std::atomic<bool> ready{false};  // the results are written
  std::error_code error;
  std::vector<Address> addresses;

  LookUp(std::string h, std::string p) : host(std::move(h)), port(std::move(p)) {}
};

// getaddrinfo(3)'s result; EAI_SYSTEM says that errno has it, as for too many open files.
std::error_code error_of(int status) noexcept {
  if (status == 0) return {};
#ifdef EAI_SYSTEM
  if (status == EAI_SYSTEM) return {errno, std::system_category()};
#endif
  if (status == EAI_MEMORY) return std::make_error_code(std::errc::not_enough_memory);
  return {status, resolve_category()};
}

void look_up_thread(void* argument) {
  LookUp& job = *static_cast<LookUp*>(argument);
  try {
    job.error = error_of(look_up(job.host, job.port, AI_ADDRCONFIG, job.addresses));
  } catch (const std::bad_alloc&) {
    job.error = std::make_error_code(std::errc::not_enough_memory);
  }
  job.ready.store(true, std::memory_order_release);
  job.done.signal();
  look_ups.fetch_sub(1, std::memory_order_relaxed);
}

// A place among the look-ups, for which it waits until the deadline.
std::error_code take_place(const Deadline& deadline) noexcept {
  while (look_ups.fetch_add(1, std::memory_order_relaxed) >= most_look_ups) {
    look_ups.fetch_sub(1, std::memory_order_relaxed);
    Deadline until = deadline;
    until.at = std::min(until.at, Clock::now() + place_look_interval);
    const std::error_code ec = wait_for_any({}, until);
    if (ec != std::errc::timed_out || deadline.passed()) return ec;
  }
  return {};
}

// Of an IPv6 address in a URL, "%25" begins its zone (RFC 6874 §2).
std::string with_plain_zone(const std::string& host) {
  const std::size_t zone = host.find("%25");
  return zone == std::string::npos ? host : host.substr(0, zone) + "%" + host.substr(zone + 3);
}

}  // namespace

const std::error_category& resolve_category() noexcept {
  static const ResolveCategory category;
  return category;
}

int Address::family() const noexcept {
  return reinterpret_cast<const sockaddr*>(storage.data())->sa_family;
}

// Both families have it at the same place, in network byte order.
std::uint16_t Address::port() const noexcept {
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  return ntohs(reinterpret_cast<const sockaddr_in*>(storage.data())->sin_port);
}

std::string to_string(const Address& address) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  const int status = ::getnameinfo(reinterpret_cast<const sockaddr*>(address.storage.data()),
                                   static_cast<socklen_t>(address.size), host, sizeof host, port, sizeof port,
                                   NI_NUMERICHOST | NI_NUMERICSERV);
  if (status != 0) return "?";
  const bool ipv6 = address.family() == AF_INET6;
  std::string text = ipv6 ? "[" : "";
  text += host;
  if (ipv6) text += ']';
  text += ':';
  text += port;
  return text;
}

std::vector<Address> resolve(const std::string& host, std::uint16_t port, const Deadline& deadline,
                             std::error_code& ec) {
  if (ec = start_sockets(); ec) return {};
  const std::string port_text = std::to_string(port);
  std::vector<Address> addresses;
  const int numeric = look_up(with_plain_zone(host), port_text, AI_NUMERICHOST, addresses);
  if (numeric == 0) return addresses;
  if (numeric != EAI_NONAME) {  // no name either: out of memory, or of descriptors
    ec = error_of(numeric);
    return {};
  }
  const auto job = std::make_shared<LookUp>(host, port_text);
  if (ec = take_place(deadline); ec) return {};
  ec = job->done.handle() == no_handle ? std::make_error_code(std::errc::too_many_files_open)
                                       : start_detached_thread(&look_up_thread, job);
  if (ec) {
    look_ups.fetch_sub(1, std::memory_order_relaxed);
    return {};
  }
  ec = wait_for(job->done.handle(), Ready::read, deadline);
  if (ec) return {};
  if (!job->ready.load(std::memory_order_acquire)) {
    ec = std::make_error_code(std::errc::io_error);
    return {};
  }
  ec = job->error;
  return std::move(job->addresses);
}

}  // namespace cpwebsockets::transport
