// Addresses to a connection.
#include <algorithm>

#include "socket.hpp"

namespace cpwebsockets::transport {
namespace {

constexpr std::chrono::milliseconds attempt_delay{250};  // RFC 8305 §5
constexpr std::size_t max_attempts = 8;                  // side by side
static_assert(max_attempts <= most_wait_entries);

// Attempts that run; whatever is left is closed at the end.
class Attempts {
 public:
  Attempts() { entries_.reserve(max_attempts); }  // so that none is lost for want of memory
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;
  ~Attempts() {
    for (const WaitEntry& entry : entries_) close_socket(entry.handle);
  }

  [[nodiscard]] std::span<WaitEntry> entries() noexcept { return entries_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] const std::error_code& last_error() const noexcept { return last_error_; }

  void start(const Address& address) {
    const Handle socket = open_socket(address.family(), last_error_);
    if (socket == no_handle) return;
    entries_.push_back({socket, Ready::write, Ready::none});
    if (const std::error_code ec = start_connect(socket, address)) {
      last_error_ = ec;
      drop(entries_.size() - 1);
    }
  }

  // Gives up the one that has waited longest, for the sake of the addresses behind it.
  void retire_oldest() noexcept {
    last_error_ = std::make_error_code(std::errc::timed_out);
    drop(0);
  }

  // An attempt that has connected, or null. Drops those that failed.
  std::unique_ptr<TcpStream> take_connected() {
    for (std::size_t i = entries_.size(); i-- > 0;) {
      if (entries_[i].ready == Ready::none) continue;
      const std::error_code ec = pending_error(entries_[i].handle);
      if (!ec) {
        auto stream = std::make_unique<TcpStream>(entries_[i].handle);
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
        return stream;
      }
      last_error_ = ec;
      drop(i);
    }
    return nullptr;
  }

 private:
  void drop(std::size_t index) noexcept {
    close_socket(entries_[index].handle);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  std::vector<WaitEntry> entries_;
  std::error_code last_error_;
};

}  // namespace

std::unique_ptr<TcpStream> connect_tcp(std::span<const Address> addresses, const Deadline& deadline,
                                       std::error_code& ec) {
  Attempts attempts;
  std::size_t next = 0;
  while (next < addresses.size() || attempts.size() > 0) {
    if (next < addresses.size()) {
      if (attempts.size() == max_attempts) attempts.retire_oldest();
      attempts.start(addresses[next++]);
    }
    if (attempts.size() == 0) continue;

    Deadline until = deadline;
    if (next < addresses.size()) until.at = std::min(until.at, Clock::now() + attempt_delay);
    ec = wait_for_any(attempts.entries(), until);
    if (ec == std::errc::timed_out && !deadline.passed()) continue;  // time for the next attempt
    if (ec) return nullptr;
    if (auto stream = attempts.take_connected()) return stream;
  }
  ec = attempts.last_error() ? attempts.last_error() : std::make_error_code(std::errc::address_not_available);
  return nullptr;
}

}  // namespace cpwebsockets::transport
