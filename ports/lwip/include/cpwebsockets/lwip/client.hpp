/// ws:// on lwIP: all in one object.
#pragma once

#include <cstddef>

#include "cpwebsockets/device/client.hpp"
#include "cpwebsockets/lwip/tcp_pipe.hpp"

namespace cpwebsockets::lwip {

/// A device::Client with its TCP connection and its buffers. Like TcpPipe, it must live as long as the
/// program.
///
///     static lwip::Client<> ws({.random = {&fill_random}});
///     ws.connect("ws://example.com/feed", now());
///     for (;;) {
///       poll_my_network();
///       const protocol::Event event = ws.poll(now());
///       ...
///     }
template <std::size_t ReceiveSize = 1024, std::size_t SendSize = 1024>
class Client : public device::BufferedClient<ReceiveSize, SendSize> {
 public:
  /// The buffers in `config` are ignored.
  explicit Client(const protocol::Config& config, Lock lock = {}) noexcept
      : device::BufferedClient<ReceiveSize, SendSize>(tcp_, config), tcp_(lock) {}

 private:
  TcpPipe tcp_;
};

}  // namespace cpwebsockets::lwip
