// Addresses to a connection.
#include <cpwebsockets/transport/tcp.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <list>
#include <vector>

namespace test {
namespace {

using namespace cpwebsockets::transport;
using namespace std::chrono_literals;

/// Listens on a free loopback port. A dead one never answers: its queue is full, and the kernel drops what
/// else comes.
class Listener {
 public:
  explicit Listener(bool dead) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(address_.storage.data());
    socklen_t size = sizeof name;
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    EXPECT_EQ(::listen(descriptor_, dead ? 0 : 8), 0);
    EXPECT_EQ(::getsockname(descriptor_, generic, &size), 0);
    address_.size = size;
    if (!dead) return;
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      static_cast<void>(::connect(filler, generic, address_.size));
    }
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    for (const int filler : fillers_) {
      if (filler >= 0) ::close(filler);
    }
    ::close(descriptor_);
  }
  [[nodiscard]] const Address& address() const { return address_; }

 private:
  int descriptor_;
  int fillers_[4] = {-1, -1, -1, -1};
  Address address_;
};

TEST(ConnectTcp, many_dead_addresses_do_not_hide_a_live_one) {
  std::list<Listener> listeners;
  std::vector<Address> addresses;
  for (int i = 0; i < 10; ++i) addresses.push_back(listeners.emplace_back(true).address());
  addresses.push_back(listeners.emplace_back(false).address());
  std::error_code ec;
  const auto stream = connect_tcp(addresses, {Clock::now() + 60s, {}}, ec);
  EXPECT_FALSE(ec) << ec.message();
  ASSERT_NE(stream, nullptr);
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  EXPECT_EQ(::getpeername(stream->handle(), reinterpret_cast<sockaddr*>(&peer), &size), 0);
  EXPECT_EQ(peer.sin_port, reinterpret_cast<const sockaddr_in*>(addresses.back().storage.data())->sin_port);
}

TEST(ConnectTcp, only_dead_addresses_end_at_the_deadline) {
  std::list<Listener> listeners;
  std::vector<Address> addresses;
  for (int i = 0; i < 10; ++i) addresses.push_back(listeners.emplace_back(true).address());
  std::error_code ec;
  EXPECT_EQ(connect_tcp(addresses, {Clock::now() + 300ms, {}}, ec), nullptr);
  EXPECT_EQ(ec, std::errc::timed_out);
}

}  // namespace
}  // namespace test
