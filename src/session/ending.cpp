// The end of a connection: the closing handshake, and what is then left of the stream.
#include <algorithm>

#include "session.hpp"

namespace cpwebsockets {
namespace {

// After a violation by the peer, what it still sends is read for so long, or a reset could overtake our close
// frame (RFC 6455 §7.1.1).
constexpr std::chrono::milliseconds linger_limit{1'000};

}  // namespace

void Session::close(CloseCode code, std::string_view reason, std::error_code& ec) noexcept {
  switch (connection_.close(code, reason)) {
    case protocol::Result::invalid:
      ec = std::make_error_code(std::errc::invalid_argument);
      return;
    case protocol::Result::would_block:
      break;
    default:
      return;
  }
  if (close_wanted_) return;
  if (story_.output_has_failed()) return;
  close_wanted_ = true;
  close_code_ = code;
  close_reason_size_ = static_cast<std::uint8_t>(reason.size());
  std::copy(reason.begin(), reason.end(), close_reason_.begin());
  close_deadline_ = now_ + options_.close_timeout;
}

void Session::try_close() noexcept {
  const std::string_view reason(close_reason_.data(), close_reason_size_);
  if (connection_.close(close_code_, reason) != protocol::Result::would_block) close_wanted_ = false;
}

Next Session::await_end() noexcept {
  settle();
  growing_checked_ = 0;
  if (!keep_view()) input_ended();
  while (!has_ended()) {
    if (!on_event(connection_.next_event())) return Next::input;
  }
  return Next::done;
}

void Session::on_closed(const protocol::CloseInfo& info) noexcept {
  close_wanted_ = false;
  story_.on_closed(info);
  const bool is_clean = connection_.transport() == protocol::Transport::await_eof;
  stream_deadline_ =
      now_ + (is_clean ? options_.close_timeout : std::min(options_.close_timeout, linger_limit));
}

Session::StreamEnd Session::stream_end() const noexcept {
  const bool is_broken =
      input_ended_ || story_.output_has_failed() || story_.closed_by() == ClosedBy::network;
  if (!to_send().empty() && !story_.output_has_failed() && story_.closed_by() != ClosedBy::network)
    return StreamEnd::send;
  if (is_broken) return StreamEnd::close;
  // §7.1.1: after a closing handshake the server ends the stream first.
  if (connection_.transport() == protocol::Transport::await_eof) return StreamEnd::discard;
  if (story_.closed_by() != ClosedBy::us || connection_.close_info().sent == CloseCode::none)
    return StreamEnd::close;
  return output_shut_down_ ? StreamEnd::discard : StreamEnd::shut_down;
}

}  // namespace cpwebsockets
