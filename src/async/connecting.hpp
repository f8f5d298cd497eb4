/// From a name to a connected socket: the look-up, and attempts side by side.
#pragma once

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "look_up.hpp"

namespace cpwebsockets::detail {

class AsyncCore;

/// As transport::connect_tcp() does it (RFC 8305 §5): a new attempt every 250 ms, or when one fails.
class Connecting {
 public:
  Connecting(const std::shared_ptr<AsyncCore>& core, std::string host, std::uint16_t port);
  Connecting(const Connecting&) = delete;
  Connecting& operator=(const Connecting&) = delete;
  ~Connecting();

  void start(transport::Clock::time_point until);
  /// What to tell of a connection that did not come about in time.
  [[nodiscard]] bool has_addresses() const noexcept { return has_addresses_; }
  [[nodiscard]] const std::string& host() const noexcept { return host_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string about() const;

 private:
  using Socket = asio::ip::tcp::socket;
  using Timer = asio::steady_timer;

  void on_addresses(std::error_code ec, std::vector<transport::Address> addresses);
  void start_next();
  void start_attempt(const transport::Address& address);
  void on_attempt(transport::Handle handle);
  void drop(transport::Handle handle) noexcept;

  const std::weak_ptr<AsyncCore> core_;
  const std::string host_;
  const std::uint16_t port_;
  std::stop_source look_up_{std::nostopstate};
  bool has_addresses_ = false;
  std::vector<transport::Address> addresses_;
  std::size_t next_ = 0;
  std::vector<std::unique_ptr<Socket>> attempts_;  // each waits for a socket that is to be closed
  Timer delay_;
  std::error_code last_error_;
};

}  // namespace cpwebsockets::detail
