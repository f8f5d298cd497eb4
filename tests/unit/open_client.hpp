/// A client whose handshake is over, for tests that go step by step.
#pragma once

#include <array>
#include <cstring>
#include <functional>
#include <optional>

#include "replay.hpp"

namespace test {

/// Payload of a close frame.
inline std::string close_payload(unsigned code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + std::string(reason);
}

/// Randomness that ends after the handshake.
struct FailingRandom {
  CountingRandom counting;
  bool fails = false;
  protocol::Random source() {
    return {[](void* context, std::span<std::byte> out) noexcept {
              auto& self = *static_cast<FailingRandom*>(context);
              const protocol::Random random = self.counting.source();
              return !self.fails && random.fill(random.context, out);
            },
            this};
  }
};

inline protocol::Time at(protocol::Duration since_the_start) {
  return protocol::Time(since_the_start);
}

static_assert(!std::is_copy_constructible_v<protocol::Connection>);
static_assert(!std::is_move_constructible_v<protocol::Connection>);

class OpenClient : public testing::Test {
 protected:
  OpenClient() { open(); }

  void open(const std::function<void(protocol::Config&)>& configure = {}) {
    random_ = {};
    protocol::Config config;
    config.receive_buffer = receive_;
    config.send_buffer = send_;
    config.random = random_.source();
    if (configure) configure(config);
    connection_.emplace(config);
    connection_->poll(protocol::Time());
    protocol::Request request;
    request.host = "h";
    ASSERT_EQ(connection_->open(request), protocol::Error::none);
    give(good_response(take()));
    connection_->poll(protocol::Time());
    ASSERT_TRUE(std::holds_alternative<protocol::Opened>(connection_->next_event()));
  }
  std::string take() {
    const std::string bytes = text_of(connection_->to_send());
    connection_->sent(bytes.size());
    return bytes;
  }
  void give(std::string_view bytes) {
    const auto space = connection_->receive_space();
    ASSERT_GE(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), bytes.size());
    connection_->received(bytes.size());
  }
  template <typename Kind>
  Kind expect_event() {
    const protocol::Event event = connection_->next_event();
    EXPECT_TRUE(std::holds_alternative<Kind>(event)) << event.index();
    return std::holds_alternative<Kind>(event) ? std::get<Kind>(event) : Kind{};
  }

  std::array<std::byte, 1024> receive_{};
  std::array<std::byte, 1024> send_{};
  CountingRandom random_;
  std::optional<protocol::Connection> connection_;
};

}  // namespace test
