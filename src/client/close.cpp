// The end of a connection: the closing handshake, the end of the stream, and the story of both.
#include <algorithm>

#include "client_core.hpp"

namespace cpwebsockets {
namespace {

// After a violation by the peer, what it still sends is read
// for so long, or a reset could overtake our close frame.
constexpr std::chrono::milliseconds linger_limit{1'000};
constexpr std::size_t discard_size = 4096;

}  // namespace

ClientCore::~ClientCore() {
  if (!stream_ || stream_ended_) return;
  std::error_code ignored;
  close(static_cast<std::uint16_t>(CloseCode::normal_closure), {}, {}, ignored);
}

transport::Deadline ClientCore::deadline_for(const Wait& wait, std::chrono::milliseconds otherwise) const {
  const std::chrono::milliseconds limit = wait.timeout.value_or(otherwise);
  Deadline deadline;
  deadline.stop = wait.stop;
  if (limit < longest_time) deadline.at = transport::Clock::now() + limit;
  return deadline;
}

void ClientCore::on_closed(const protocol::Closed& closed) {
  const protocol::CloseInfo& info = closed.info;
  info_.by = info.by;
  info_.sent = to_integer(info.sent);
  info_.received = to_integer(info.received);
  info_.reason = info.reason;
  closed_ = true;
  Failure& failure = info_.failure;
  failure.step = info.step;
  if (info.error == protocol::Error::none) return;

  failure.code = info.error;
  if (info.error == protocol::Error::handshake_refused) {
    failure.sentence =
        "handshake refused: HTTP " + std::to_string(failure.refusal.status) + " (expected 101)";
    return;
  }
  const bool is_lost = info.error == protocol::Error::connection_lost ||
                       info.error == protocol::Error::connection_lost_in_handshake;
  if (is_lost && (read_error_ || write_error_)) {
    failure.code = read_error_ ? read_error_ : write_error_;
  }
  failure.sentence = std::string(protocol::name(info.step)) + ": " + failure.code.message();
}

// Sends what is left, and ends the stream as the core asks (RFC 6455 §7.1.1).
void ClientCore::end_stream(Lock& lock) {
  if (stream_ended_) return;
  Deadline deadline = deadline_for({}, options_.close_timeout);
  std::error_code ec;
  flush(lock, deadline, ec);
  const bool awaits_eof = connection_.transport() == protocol::Transport::await_eof;
  if (!awaits_eof) {
    stream_->shutdown_write();
    deadline.at = std::min(deadline.at, transport::Clock::now() + linger_limit);
  }
  std::array<std::byte, discard_size> discarded;
  while (!ec && !deadline.passed() && info_.by != ClosedBy::network) {
    const transport::IoResult result = stream_->read(discarded);
    if (result.status == transport::IoStatus::eof || result.status == transport::IoStatus::error) break;
    if (result.status == transport::IoStatus::ok) continue;
    lock.unlock();
    ec = transport::wait_for(stream_->handle(), transport::Ready::read, deadline);
    lock.lock();
  }
  if (awaits_eof) stream_->shutdown_write();
  stream_->abort();
  stream_ended_ = true;
  ended_cv_.notify_all();
}

// Puts the close frame on its way, unless one is. False only for wrong arguments.
bool ClientCore::send_close(Lock& lock, std::uint16_t code, std::string_view reason, const Wait& wait,
                            std::error_code& ec) {
  while (!closed_ && connection_.state() == protocol::State::open) {
    let_time_pass();
    const protocol::Result result = connection_.close(protocol::CloseCode{code}, reason);
    if (result == protocol::Result::invalid) {
      ec = std::make_error_code(std::errc::invalid_argument);
      return false;
    }
    if (result != protocol::Result::would_block) break;
    // No room for a close frame of a few bytes: the socket has been
    // full. That wait has the close's own bound.
    std::error_code full;
    if (flush_now(full) || (!full && await_writable(lock, deadline_for(wait, options_.close_timeout), full)))
      continue;
    stream_->abort();  // nothing can be sent any more: the end of the stream is what is left
    connection_.received_eof();
    break;
  }
  std::error_code ignored;
  flush_now(ignored);
  return true;
}

void ClientCore::start_close(std::uint16_t code, std::string_view reason, const Wait& wait,
                             std::error_code& ec) {
  ec.clear();
  if (!stream_) return;
  Lock lock(mutex_);
  send_close(lock, code, reason, wait, ec);
}

void ClientCore::close(std::uint16_t code, std::string_view reason, const Wait& wait, std::error_code& ec) {
  ec.clear();
  if (!stream_) return;
  const Deadline deadline = deadline_for(wait, std::chrono::milliseconds::max());
  Lock lock(mutex_);
  if (!send_close(lock, code, reason, wait, ec)) return;

  lock.unlock();
  const ReceiverPlace place(*this, receiver);
  lock.lock();
  if (place.mine()) {
    start_receiving();
    while (!closed_) {
      const protocol::Event event = connection_.next_event();
      if (const auto* closed = std::get_if<protocol::Closed>(&event)) on_closed(*closed);
      if (std::holds_alternative<std::monostate>(event) &&
          !receive_more(lock, ReadInto::buffer, deadline, ec))
        return;
    }
    end_stream(lock);
    return;
  }
  // Another thread receives: it will meet the peer's close frame, and end the stream. The core bounds its
  // wait, but a read that began before the close frame went out may last longer.
  const auto bound = transport::Clock::now() + 2 * options_.close_timeout;
  if (!ended_cv_.wait_until(lock, std::min(bound, deadline.at), [&] { return stream_ended_; })) {
    if (deadline.at < bound) {
      ec = std::make_error_code(std::errc::timed_out);
      return;
    }
    stream_->abort();
    ended_cv_.wait_until(lock, transport::Clock::now() + linger_limit, [&] { return stream_ended_; });
  }
}

bool ClientCore::is_open() const noexcept {
  const Lock lock(mutex_);
  return connection_.state() == protocol::State::open && !write_error_ && !read_error_;
}

CloseInfo ClientCore::close_info() const {
  const Lock lock(mutex_);
  return info_;
}

std::chrono::microseconds ClientCore::round_trip() const noexcept {
  const Lock lock(mutex_);
  return connection_.round_trip();
}

Failure ClientCore::explain(std::error_code ec) const {
  const CloseInfo info = close_info();
  if (info.failure.code == ec) return info.failure;
  Failure failure;
  failure.step = Step::frame;
  failure.code = ec;
  failure.sentence = ec.message();
  if (ec == std::errc::not_connected && info.by != ClosedBy::nobody) {
    failure.step = Step::close;
    failure.sentence = "the connection is closed (code " + std::to_string(info.code()) +
                       (info.reason.empty() ? ")" : ": " + info.reason + ")");
  }
  return failure;
}

}  // namespace cpwebsockets
