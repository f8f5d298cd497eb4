/// A Pipe over Arduino's Client: WiFiClient, EthernetClient, and for wss:// WiFiClientSecure and others of
/// their kind.
#pragma once

#include <Arduino.h>
#include <Client.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "cpwebsockets/device/pipe.hpp"

namespace cpwebsockets::arduino {

/// `client` must outlive the pipe. Arduino's connect() waits, as long as the board's library lets it: the one
/// wait that this library cannot bound; it happens in device::Client::connect(). A client that encrypts must
/// be told its CA before.
class ClientPipe final : public device::Pipe {
 public:
  explicit ClientPipe(::Client& client, bool is_secure = false) noexcept
      : client_(client), is_secure_(is_secure) {}

  void open(const device::Destination& to) noexcept override {
    std::array<char, 256> name{};
    const std::size_t size = std::min(to.host.size(), name.size() - 1);
    std::memcpy(name.data(), to.host.data(), size);
    state_ = client_.connect(name.data(), to.port) == 1 ? device::PipeState::open : device::PipeState::failed;
    failure_ = {protocol::Step::connect, protocol::Error::connection_refused, 0};
  }
  [[nodiscard]] device::PipeState poll() noexcept override {
    if (state_ == device::PipeState::open && !client_.connected() && client_.available() == 0) {
      state_ = device::PipeState::ended;
    }
    return state_;
  }
  [[nodiscard]] std::size_t read(std::span<std::byte> into) noexcept override {
    if (client_.available() <= 0 || into.empty()) return 0;
    const int size = client_.read(reinterpret_cast<std::uint8_t*>(into.data()), into.size());
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  [[nodiscard]] std::size_t write(std::span<const std::byte> bytes) noexcept override {
    return client_.write(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  void close() noexcept override { client_.stop(); }
  [[nodiscard]] bool is_secure() const noexcept override { return is_secure_; }

 private:
  ::Client& client_;
  device::PipeState state_ = device::PipeState::ended;
  bool is_secure_;
};

}  // namespace cpwebsockets::arduino
