/// A Pipe over Arduino's Client: WiFiClient, EthernetClient, and WiFiClientSecure for wss://.
#pragma once

#include <Arduino.h>
#include <Client.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>

#include "cpwebsockets/device/pipe.hpp"

namespace cpwebsockets::arduino {

/// `client` must outlive the pipe. Arduino's connect() waits, and device::Client::connect() with it: for at
/// most `connect_timeout_ms` if the board's library has such a limit (see connect_within()), else for the
/// library's own time. Tell a client that encrypts its CA before.
class ClientPipe final : public device::Pipe {
 public:
  /// `is_secure`: the client encrypts and verifies the server, as wss:// needs.
  template <std::derived_from<::Client> C>
  explicit ClientPipe(C& client, bool is_secure = false, std::uint16_t connect_timeout_ms = 5000) noexcept
      : client_(client),
        connect_(&connect_within<C>),
        connect_timeout_ms_(connect_timeout_ms),
        is_secure_(is_secure) {}

  void open(const device::Destination& to) noexcept override {
    std::array<char, 256> name;
    if (to.host.empty() || to.host.size() >= name.size())
      return fail(protocol::Step::resolve, device::PipeError::host_not_found, 0);
    std::memcpy(name.data(), to.host.data(), to.host.size());
    name[to.host.size()] = '\0';
    const int result = connect_(client_, name.data(), to.port, connect_timeout_ms_);
    if (result == 1) {
      state_ = device::PipeState::open;
    } else if (result == invalid_server) {
      fail(protocol::Step::resolve, device::PipeError::host_not_found, result);
    } else {
      fail(protocol::Step::connect,
           result == timed_out ? device::PipeError::connect_timeout : device::PipeError::connection_refused,
           result);
    }
  }
  [[nodiscard]] device::PipeState poll() noexcept override {
    if (state_ == device::PipeState::open && client_.connected() == 0 && client_.available() <= 0) {
      state_ = device::PipeState::ended;
    }
    return state_;
  }
  [[nodiscard]] std::size_t read(std::span<std::byte> into) noexcept override {
    if (state_ != device::PipeState::open || into.empty() || client_.available() <= 0) return 0;
    const int size = client_.read(reinterpret_cast<std::uint8_t*>(into.data()), into.size());
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  [[nodiscard]] std::size_t write(std::span<const std::byte> bytes) noexcept override {
    if (state_ != device::PipeState::open) return gone;
    const std::size_t size = client_.write(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (size > 0 && size <= bytes.size()) return size;  // some libraries return an error, −1, as a size
    return client_.connected() == 0 ? gone : 0;
  }
  void close() noexcept override {
    client_.stop();
    state_ = device::PipeState::ended;
  }
  [[nodiscard]] bool is_secure() const noexcept override { return is_secure_; }

 private:
  // What most libraries' connect() returns beside 0 and 1.
  static constexpr int timed_out = -1;
  static constexpr int invalid_server = -2;

  // Arduino's Client has no word for a bound, but most of the boards' own classes have one.
  template <typename C>
  static int connect_within(::Client& client, const char* host, std::uint16_t port,
                            std::uint16_t ms) noexcept {
    C& own = static_cast<C&>(client);
    // ESP32, WiFiClientSecure: the TLS handshake has a time of its own, two minutes, in seconds.
    if constexpr (requires { own.setHandshakeTimeout(1UL); }) own.setHandshakeTimeout((ms + 999UL) / 1000);
    if constexpr (requires { own.connect(host, port, std::int32_t{ms}); }) {
      return own.connect(host, port, std::int32_t{ms});  // ESP32
    } else if constexpr (requires { own.setConnectionTimeout(ms); }) {
      own.setConnectionTimeout(ms);  // Ethernet, WiFiNINA, UNO R4
    } else if constexpr (requires { own.setTimeout(1UL); }) {
      own.setTimeout(ms);  // Stream's, which ESP8266 and Arduino-Pico take for connecting, too
    }
    return client.connect(host, port);
  }

  void fail(protocol::Step step, device::PipeError error, int native) noexcept {
    failure_ = {step, error, native};
    state_ = device::PipeState::failed;
  }

  ::Client& client_;
  int (*connect_)(::Client&, const char*, std::uint16_t, std::uint16_t) noexcept;
  device::PipeState state_ = device::PipeState::ended;
  std::uint16_t connect_timeout_ms_;
  bool is_secure_;
};

}  // namespace cpwebsockets::arduino
