#include "echo_session.hpp"

#include <algorithm>
#include <array>
#include <cpwebsockets/transport/tls.hpp>
#include <cpwebsockets/transport/wait.hpp>
#include <utility>

namespace cpws {
namespace {

namespace protocol = cpwebsockets::protocol;
namespace transport = cpwebsockets::transport;
using cpwebsockets::Next;
using cpwebsockets::Session;
using transport::IoStatus;

constexpr int rounds_per_step = 16;  // of reading and writing

protocol::Time now() {
  return protocol::Time(
      std::chrono::duration_cast<protocol::Duration>(transport::Clock::now().time_since_epoch()));
}

cpwebsockets::Options session_options(const ServeOptions& options) {
  cpwebsockets::Options session;
  session.max_message_size = ~std::uint64_t{0};  // messages pass in pieces
  session.receive_buffer_size = 16U << 10;
  session.send_buffer_size = 64U << 10;  // an echoed piece fits, compressed or not
  session.close_timeout = std::chrono::seconds(1);
  if (options.compress) session.compression.emplace();
  return session;
}

// The client's first choice among ours.
std::string_view choose(std::string_view offered, const std::vector<std::string>& ours) {
  while (!offered.empty()) {
    const std::size_t comma = std::min(offered.find(','), offered.size());
    std::string_view name = offered.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const auto found = std::find(ours.begin(), ours.end(), name);
    if (found != ours.end()) return *found;
    offered.remove_prefix(std::min(comma + 1, offered.size()));
  }
  return {};
}

}  // namespace

EchoSession::EchoSession(std::unique_ptr<transport::Stream> stream, bool handshakes_tls,
                         const ServeOptions& options)
    : options_(options),
      stream_(std::move(stream)),
      session_(session_options(options)),
      tls_pending_(handshakes_tls),
      finished_(!session_.has_buffers()) {
  if (!finished_) session_.listen(now());
}

void EchoSession::step() {
  session_.poll(now());
  wants_write_ = wants_step_ = false;
  if (finished_ || (tls_pending_ && !shake_hands())) return;
  for (int round = 0; round < rounds_per_step; ++round) {
    handle_input();
    const bool flushed = flush();
    if (session_.has_ended()) {
      end_stream();
      return;
    }
    const bool gained_room = flushed && (echo_waits_ || session_.waits_for_room());
    if (!read() && !gained_room) return;
  }
  wants_step_ = true;
}

void EchoSession::go_away() {
  std::error_code ignored;  // code and reason are right
  session_.close(protocol::CloseCode::going_away, {}, ignored);
  step();
}

bool EchoSession::shake_hands() {
#if CPWEBSOCKETS_TLS
  const transport::IoResult result = static_cast<transport::TlsStream&>(*stream_).handshake();
  tls_pending_ = result.status != IoStatus::ok;
  wants_write_ = result.status == IoStatus::want_write;
  finished_ = result.status == IoStatus::error || session_.is_over();
#endif
  return !tls_pending_;
}

void EchoSession::handle_input() {
  if (opening_ && !await_request()) return;
  while (!session_.has_ended()) {
    if (echo_waits_ && echo() != Next::done) return;
    echo_waits_ = false;
    std::optional<cpwebsockets::MessagePart> part;
    std::error_code ignored;  // the end has no other consequence than has_ended()
    if (session_.next_part(part, ignored) == Next::input) return;
    if (!part) return;
    part_ = *part;
    message_ = {part->opcode, part->bytes};
    taken_ = 0;
    echo_waits_ = true;
  }
}

bool EchoSession::await_request() {
  std::optional<protocol::Requested> request;
  session_.await_request(request);
  if (request) opening_ = !session_.accept(choose(request->subprotocols, options_.subprotocols));
  return !opening_;
}

// Done when part_ was taken, or never can be, as the connection is closing.
Next EchoSession::echo() noexcept {
  std::error_code ec;
  if (part_.first && part_.last) return session_.send(message_, ec);
  if (part_.first && !message_begun_) {
    const Next next = session_.begin_message(part_.opcode, ec);
    if (next != Next::done || ec) return next;
    message_begun_ = true;
  }
  const Next appended = session_.append(part_.bytes, taken_, ec);
  if (appended != Next::done || ec || !part_.last) return appended;
  const Next finished = session_.finish(ec);
  message_begun_ = finished != Next::done;
  return finished;
}

// True when all has been written.
bool EchoSession::flush() {
  while (!session_.to_send().empty()) {
    const transport::IoResult result = stream_->write(session_.to_send());
    if (result.status == IoStatus::ok) {
      session_.sent(result.size);
    } else if (result.status == IoStatus::error) {
      session_.output_failed(result.error);
      session_.input_ended(result.error);
    } else {
      wants_write_ = result.status == IoStatus::want_write;
      return false;
    }
  }
  return true;
}

// True when something came that may be worth handling.
bool EchoSession::read() {
  if (echo_waits_) return false;
  const std::span<std::byte> space = session_.read_space(Session::ReadInto::buffer);
  if (space.empty()) return false;
  const transport::IoResult result = stream_->read(space);
  if (result.status == IoStatus::ok) {
    session_.received(result.size);
  } else if (result.status == IoStatus::eof || result.status == IoStatus::error) {
    session_.input_ended(result.error);
  } else {
    wants_write_ = wants_write_ || result.status == IoStatus::want_write;
    return false;
  }
  session_.poll(now());
  return true;
}

// What is left to do with the stream of a connection that has ended.
void EchoSession::end_stream() {
  std::array<std::byte, 4096> discarded;
  for (int round = 0; round < rounds_per_step && now() < session_.stream_deadline(); ++round) {
    switch (session_.stream_end()) {
      case Session::StreamEnd::send:
        if (!flush()) return;
        break;
      case Session::StreamEnd::shut_down:
        stream_->shutdown_write();
        session_.output_shut_down();
        break;
      case Session::StreamEnd::discard: {
        const transport::IoResult result = stream_->read(discarded);
        if (result.status == IoStatus::eof || result.status == IoStatus::error) session_.input_ended();
        if (result.status == IoStatus::want_read || result.status == IoStatus::want_write) return;
        break;
      }
      case Session::StreamEnd::close:
        stream_->shutdown_write();
        finished_ = true;
        return;
    }
  }
  finished_ = now() >= session_.stream_deadline();
  wants_step_ = !finished_;
}

}  // namespace cpws
