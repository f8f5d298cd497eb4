#include "cpwebsockets/device/client.hpp"

namespace cpwebsockets::device {

using protocol::Error;
using protocol::Event;
using protocol::State;
using protocol::Time;
using protocol::Transport;

namespace {

// After the end, for a peer that has been told why to read that and to end the stream: a TCP that is closed
// with unread bytes is reset, which may take the last frame along.
constexpr protocol::Duration linger_time = std::chrono::seconds(1);

}  // namespace

Error Client::connect(const Destination& to, const protocol::Request& request, Time now) noexcept {
  abort();
  connection_.poll(now);
  const Error error = connection_.open(request);
  if (error != Error::none) return error;
  failure_.error = PipeError::none;
  pipe_ended_ = false;
  phase_ = Phase::opening;
  pipe_.open(to);
  return Error::none;
}

Error Client::connect(std::string_view url, Time now) noexcept {
  protocol::Url parts;
  if (const Error error = protocol::parse_url(url, parts); error != Error::none) return error;
  if (parts.secure != pipe_.is_secure()) return Error::url_needs_tls;
  return connect({parts.host, parts.port}, protocol::Request::to(parts), now);
}

Event Client::poll(Time now) noexcept {
  if (phase_ == Phase::opening) continue_opening(now);
  // What has come already goes first: reading would move what it views. Then one read, or a peer that sends
  // without end would keep us here. The time comes last: silence counts only if there was nothing to read,
  // however late we are called.
  Event event = connection_.next_event();
  if (event.index() == 0) {
    if (phase_ == Phase::running) read_some();
    flush();  // now, as a reply may be waiting for the room
    connection_.poll(now);
    event = connection_.next_event();
  }
  if (std::holds_alternative<protocol::Closed>(event)) linger_until_ = now + linger_time;
  flush();
  if (phase_ == Phase::running && connection_.state() == State::closed && !lingers(now)) free_pipe();
  return event;
}

void Client::continue_opening(Time now) noexcept {
  const PipeState state = pipe_.poll();
  pipe_works_ = state == PipeState::working;
  const bool is_opening = pipe_works_ || state == PipeState::opening;
  const bool wanted = connection_.state() != State::closed;  // close() may have come first
  if (is_opening && wanted && now < connection_.next_deadline()) return;
  if (state == PipeState::open && wanted) {
    phase_ = Phase::running;
    return;
  }
  failure_ = pipe_.failure();
  if (is_opening) failure_.error = PipeError::connect_timeout;
  connection_.stream_failed(failure_.step);
  free_pipe();
}

[[gnu::noinline]] void Client::read_some() noexcept {
  const std::size_t size = pipe_.read(connection_.receive_space());
  connection_.received(size);
  if (size > 0 || pipe_ended_) return;
  const PipeState state = pipe_.poll();
  if (state == PipeState::open) return;
  if (state == PipeState::failed) failure_ = pipe_.failure();
  pipe_ended_ = true;
  connection_.received_eof();
}

void Client::flush() noexcept {
  if (phase_ != Phase::running || connection_.to_send().empty()) return;
  const std::size_t size = pipe_.write(connection_.to_send());
  if (size != Pipe::gone) return connection_.sent(size);
  connection_.send_failed();
  pipe_works_ = true;  // the rest is read at once, and then the end is told
}

bool Client::lingers(Time now) const noexcept {
  if (pipe_ended_ && connection_.to_send().empty()) return false;
  if (connection_.transport() == Transport::await_eof) return true;
  return connection_.close_info().sent != protocol::CloseCode::none && now < linger_until_;
}

void Client::free_pipe() noexcept {
  pipe_.close();
  connection_.send_failed();  // what has not gone out by now
  phase_ = Phase::idle;
  pipe_works_ = false;
}

void Client::abort() noexcept {
  if (phase_ != Phase::idle) free_pipe();
  connection_.reset();
}

std::string_view Client::describe_end() const noexcept {
  return failure_.error != PipeError::none ? describe(failure_.error)
                                           : protocol::describe(connection_.close_info().error);
}

Time Client::next_deadline() const noexcept {
  if (pipe_works_) return Time::min();
  const Time connection = connection_.next_deadline();
  const bool lingers = phase_ == Phase::running && connection_.state() == State::closed;
  return lingers && linger_until_ < connection ? linger_until_ : connection;
}

}  // namespace cpwebsockets::device
