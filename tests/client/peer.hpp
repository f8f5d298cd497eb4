/// A server of one connection for the client's tests: a thread that does what a script says.
#pragma once

#include <cpwebsockets/client.hpp>
#include <cpwebsockets/transport/listener.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace test {

/// The server's end, for the script. Blocking; all reads end at end of file or after five seconds.
class Peer {
 public:
  explicit Peer(std::unique_ptr<cpwebsockets::transport::TcpStream> stream);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Reads the request and answers with 101.
  void open(std::string_view more_lines = {});
  void send(std::string_view bytes);
  /// The next frame's payload, unmasked; its first byte in `first`. Empty `first` at end of file.
  std::string receive_frame(std::string* first = nullptr);
  /// Echoes messages and pings until a close frame, which it answers.
  void echo();
  /// Answers a close frame; drops everything before.
  void await_close();
  void wait_for_eof();
  /// The connection will end by a reset.
  void reset_at_end();
  /// What comes next, whatever it is, at most `size` bytes; empty at end of file.
  std::string receive_some(std::size_t size);
  [[nodiscard]] const std::string& request() const { return request_; }

 private:
  bool fill();
  std::unique_ptr<cpwebsockets::transport::TcpStream> stream_;
  std::string buffer_;
  std::string request_;
};

/// The usual script.
void open_and_echo(Peer& peer);

/// A frame as a server sends it.
std::string server_frame(unsigned first_byte, std::string_view payload);

/// Listens on a free loopback port and runs `script` for the first connection; joins in the destructor.
class Server {
 public:
  explicit Server(std::function<void(Peer&)> script);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();
  [[nodiscard]] std::string url(std::string_view path = "/") const;
  [[nodiscard]] int port() const { return listener_->address().port(); }

 private:
  std::unique_ptr<cpwebsockets::transport::TcpListener> listener_;
  std::thread thread_;
};

}  // namespace test
