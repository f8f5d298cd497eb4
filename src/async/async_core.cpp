// One turn of a connection: what an event, a call or a deadline sets going.
#include "async_core.hpp"

#include <algorithm>
#include <array>
#include <asio/dispatch.hpp>
#include <asio/post.hpp>
#include <new>

#include "../session/shown_url.hpp"
#include "connecting.hpp"

namespace cpwebsockets::detail {
namespace {

// Handlers that one turn runs, and steps that it makes, before others have theirs.
constexpr int most_handlers = 64;
constexpr int most_steps = 64;
constexpr std::size_t discard_size = 4096;

transport::Clock::time_point point_of(protocol::Time time) noexcept {
  return transport::Clock::time_point(time.time_since_epoch());
}

}  // namespace

protocol::Time AsyncCore::now() noexcept {
  return protocol::Time(
      std::chrono::duration_cast<protocol::Duration>(transport::Clock::now().time_since_epoch()));
}

AsyncCore::AsyncCore(const asio::any_io_executor& executor, const Options& options)
    : executor_(executor),
      connections_(asio::use_service<OpenConnections>(asio::query(executor, asio::execution::context))),
      wheel_(asio::use_service<TimerWheel>(asio::query(executor, asio::execution::context))),
      session_(options) {
  place_.core = this;
  connections_.add(place_);
}

AsyncCore::~AsyncCore() {
  connections_.remove(place_);
  destroy_all();
  wheel_.cancel(timer_);
  std::error_code ignored;
  if (waiter_) waiter_->release(ignored);
}

// From here on all that happens to the connection happens on its executor.
void AsyncCore::connect(std::string_view url, AsyncOperation* operation) {
  opener_ = operation;
  url_ = url;
  asio::dispatch(executor_, [self = shared_from_this()] {
    if (self->opener_ != nullptr) self->start_connecting();
  });
}

void AsyncCore::start_connecting() {
  timer_.owner = weak_from_this();
  protocol::Url url;
  if (const protocol::Error error = protocol::parse_url(url_, url); error != protocol::Error::none) {
    fail(Step::url, error, without_secrets(url_));
  } else if (!session_.has_buffers()) {
    fail(Step::connect, std::make_error_code(std::errc::not_enough_memory), "the buffers' sizes");
  } else {
    is_secure_ = url.secure;
    connect_deadline_ = now() + session_.options().connect_timeout;
    connecting_ = std::make_unique<Connecting>(shared_from_this(), std::string(url.host), url.port);
    connecting_->start(point_of(connect_deadline_));
  }
  run(Delivery::post);
}

void AsyncCore::begin_opening() {
  phase_ = Phase::opening;
  may_read_ = may_write_ = true;
  protocol::Url url;
  static_cast<void>(protocol::parse_url(url_, url));
  if (!session_.open(url, now())) end_stream();
  url_ = std::string();
}

void AsyncCore::fail(Step step, std::error_code code, const std::string& about) {
  session_.story().fail(step, code, about);
  end_stream();
}

void AsyncCore::fail_to_connect(std::error_code code) {
  if (phase_ == Phase::securing) return fail(Step::tls, code, connecting_->host());
  if (phase_ == Phase::opening) return fail(Step::handshake, code, {});
  if (connecting_ == nullptr) return fail(Step::connect, code, without_secrets(url_));
  fail(connecting_->has_addresses() ? Step::connect : Step::resolve, code, connecting_->about());
}

void AsyncCore::abandon() {
  const std::shared_ptr<AsyncCore> self = shared_from_this();
  if (phase_ != Phase::ended) {
    if (!session_.has_ended()) session_.story().fail(Step::close, asio::error::operation_aborted);
    end_stream();
  }
  finish_all(asio::error::operation_aborted);
  run(Delivery::post);
}

void AsyncCore::shut_down() noexcept {
  const std::shared_ptr<AsyncCore> self = weak_from_this().lock();
  if (!self) return;
  is_running_ = true;  // no turn follows
  connecting_.reset();
  end_stream();
  destroy_all();
}

// --- A turn ---

// A call inside of a handler that this turn runs is a part of it: so no handler runs inside another, and none
// inside of the call that has started it.
void AsyncCore::run(Delivery delivery) {
  if (is_running_) return;
  is_running_ = true;
  now_ = now();
  const std::shared_ptr<AsyncCore> self = shared_from_this();
  try {
    int handlers = most_handlers;
    do {
      advance();
    } while (deliver(delivery, handlers) || hear_rest());
  } catch (...) {  // by a handler
    int none = 0;
    deliver(Delivery::post, none);
    is_running_ = false;
    arm();
    throw;
  }
  is_fresh_ = false;
  is_running_ = false;
  arm();
}

bool AsyncCore::deliver(Delivery delivery, int& handlers) {
  bool delivered = false;
  while (AsyncOperation* const operation = done_.pop()) {
    if (handlers <= 0) delivery = Delivery::post;
    --handlers;
    operation->deliver(operation, shared_from_this(), delivery);
    delivered = true;
  }
  return delivered;
}

// A ping that came with a message is answered even when its receiver does not call again.
bool AsyncCore::hear_rest() noexcept {
  if (!unheard_ || phase_ != Phase::open || receiver_ != nullptr || !closers_.empty()) return false;
  hears_rest_ = true;
  return true;
}

void AsyncCore::advance() {
  int steps = most_steps;
  while (steps > 0 && advance_phase()) --steps;
  if (steps > 0 && now_ >= next_deadline()) {
    meet_deadline();
    while (steps > 0 && advance_phase()) --steps;
  }
  if (phase_ != Phase::connecting && phase_ != Phase::securing) connecting_.reset();
  if (steps == 0) asio::post(executor_, [self = shared_from_this()] { self->run(Delivery::dispatch); });
}

// True when something has changed, so that another step may be possible.
bool AsyncCore::advance_phase() {
  switch (phase_) {
    case Phase::connecting:
      return false;
    case Phase::securing:
      return may_read_ && may_write_ && advance_securing();
    case Phase::opening:
      return advance_opening();
    case Phase::open:
      return advance_open();
    case Phase::ending:
      return advance_ending();
    case Phase::ended:
      finish_at_end();
      return false;
  }
  return false;
}

bool AsyncCore::advance_opening() {
  if (session_.await_opening() != Next::done) {
    wants_input_ = true;
    const bool wrote = write_some();
    return read_some(Session::ReadInto::buffer) || wrote;
  }
  phase_ = session_.has_ended() ? Phase::ending : Phase::open;
  if (phase_ == Phase::open) finish(std::exchange(opener_, nullptr), {});
  return true;
}

bool AsyncCore::advance_open() {
  bool moved = run_outputs();
  moved = run_receiver() || moved;
  moved = write_some() || moved;  // also the pongs to what was just received
  if (session_.has_ended()) {
    phase_ = Phase::ending;
    return true;
  }
  const bool whole = receiver_ != nullptr && receiver_->kind != AsyncOperation::Kind::receive_part;
  return read_some(whole ? Session::ReadInto::message : Session::ReadInto::buffer) || moved;
}

// As the session asks (RFC 6455 §7.1.1).
bool AsyncCore::advance_ending() {
  switch (session_.stream_end()) {
    case Session::StreamEnd::send:
      return write_some();
    case Session::StreamEnd::shut_down:
      stream_->shutdown_write();
      session_.output_shut_down();
      return true;
    case Session::StreamEnd::discard: {
      if (!may_read_) return false;
      std::array<std::byte, discard_size> discarded;
      const transport::IoResult result = stream_->read(discarded);
      may_read_ = result.status == transport::IoStatus::ok;
      if (result.status == transport::IoStatus::eof || result.status == transport::IoStatus::error)
        session_.input_ended();
      return result.status != transport::IoStatus::want_read &&
             result.status != transport::IoStatus::want_write;
    }
    case Session::StreamEnd::close:
      break;
  }
  end_stream();
  return true;
}

void AsyncCore::end_stream() {
  phase_ = Phase::ended;
  if (waiter_) {
    std::error_code ignored;
    waiter_->release(ignored);
    waiter_.reset();
  }
  if (stream_) {
    stream_->shutdown_write();
    stream_->abort();
    stream_.reset();
  }
}

// --- Time ---

protocol::Time AsyncCore::next_deadline() const noexcept {
  switch (phase_) {
    case Phase::connecting:
    case Phase::securing:
      return connect_deadline_;
    case Phase::opening:
      return session_.next_deadline();
    case Phase::open: {
      const protocol::Time deadline = session_.next_deadline();
      return outputs_wait_
                 ? std::min<protocol::Time>(deadline, output_moved_ + session_.options().send_timeout)
                 : deadline;
    }
    case Phase::ending:
      return session_.stream_deadline();
    case Phase::ended:
      break;
  }
  return protocol::Time::max();
}

// What has come was read before: the peer is not taken for silent while its bytes lie in the socket.
void AsyncCore::meet_deadline() {
  if (phase_ == Phase::connecting || phase_ == Phase::securing) {
    fail_to_connect(std::make_error_code(std::errc::timed_out));
  } else if (phase_ == Phase::ending) {
    end_stream();
  } else {
    if (message_waits_) session_.leave_messages();
    session_.poll(now_);
    if (outputs_wait_ && now_ >= output_moved_ + session_.options().send_timeout) time_out_outputs();
  }
}

void AsyncCore::post_deadline(std::shared_ptr<AsyncCore> core) {
  const asio::any_io_executor executor = core->executor_;
  asio::post(executor, [core = std::move(core)] {
    core->armed_at_ = protocol::Time::max();
    core->may_read_ = core->is_fresh_ = true;
    core->run(Delivery::dispatch);
  });
}

// --- Waiting ---

// A deadline that moves on, as with each byte that comes, leaves the wheel as it is: it is asked for again
// when the old one is met.
void AsyncCore::arm() {
  const protocol::Time deadline = next_deadline();
  if (deadline < armed_at_) {
    armed_at_ = deadline;
    wheel_.set(timer_, point_of(deadline), executor_);
  } else if (deadline == protocol::Time::max() && armed_at_ != deadline) {
    armed_at_ = deadline;
    wheel_.cancel(timer_);
  }
  if (!waiter_) return;
  bool reads = !may_read_;
  bool writes = !may_write_ && (phase_ == Phase::securing || !session_.to_send().empty());
  if (phase_ == Phase::open || phase_ == Phase::opening) {
    reads = !session_.waits_for_room() && (wants_input_ || !message_waits_);
    writes = writes || read_wants_room_;
  }
  if (reads && !read_awaited_) await(false);
  if (writes && !write_awaited_) await(true);
}

void AsyncCore::await(bool write) {
  (write ? write_awaited_ : read_awaited_) = true;
  waiter_->async_wait(write ? asio::socket_base::wait_write : asio::socket_base::wait_read,
                      [self = shared_from_this(), write](const std::error_code& ec) {
                        (write ? self->write_awaited_ : self->read_awaited_) = false;
                        if (ec == asio::error::operation_aborted || !self->waiter_) return;
                        if (write) {
                          self->may_write_ = true;
                          if (std::exchange(self->read_wants_room_, false)) self->may_read_ = true;
                        } else {
                          self->may_read_ = self->is_fresh_ = true;
                        }
                        self->run(Delivery::dispatch);
                      });
}

}  // namespace cpwebsockets::detail
