/// ws:// on lwIP: all in one object.
#pragma once

#include <cstddef>

#include "cpwebsockets/device/client.hpp"
#include "cpwebsockets/lwip/tcp_pipe.hpp"

namespace cpwebsockets::lwip {

namespace detail {

// A base class, and the first: the client is given the pipe, which must exist before it.
struct Pipe {
  explicit Pipe(Lock lock) noexcept : tcp_(lock) {}
  TcpPipe tcp_;
};

}  // namespace detail

/// A device::Client with its TCP connection and its buffers. It may be destroyed at any time.
///
///     static lwip::Client<> ws({.random = {&fill_random}});
///     if (ws.connect("ws://example.com/feed", now()) != protocol::Error::none) return;
///     for (;;) {
///       poll_my_network();
///       handle(ws.poll(now()));
///     }
template <std::size_t ReceiveSize = 1024, std::size_t SendSize = 1024>
class Client : private detail::Pipe, public device::BufferedClient<ReceiveSize, SendSize> {
 public:
  /// The buffers in `config` are ignored.
  explicit Client(const protocol::Config& config, Lock lock = {}) noexcept
      : detail::Pipe(lock), device::BufferedClient<ReceiveSize, SendSize>(tcp_, config) {}

  /// The TCP connection.
  [[nodiscard]] const TcpPipe& tcp() const noexcept { return tcp_; }
};

}  // namespace cpwebsockets::lwip
