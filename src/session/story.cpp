#include "story.hpp"

#include <algorithm>
#include <utility>

namespace cpwebsockets {
namespace {

// A code that would make a caller repeat what cannot succeed any more: ETIMEDOUT of the kernel, for one.
bool asks_to_repeat(std::error_code code) noexcept {
  return code == Condition::repeat;
}

bool is_usual_close(CloseCode code) noexcept {
  return code == CloseCode::normal_closure || code == CloseCode::going_away ||
         code == CloseCode::no_status_received;
}

}  // namespace

void Story::on_closed(const CloseInfo& info) noexcept {
  if (ended_) return;
  ended_ = true;
  info_ = info;
  std::copy_n(info.reason.data(), std::min(info.reason.size(), reason_.size()), reason_.data());
  if (info.error == protocol::Error::none && !blame_) return;

  code_ = info.error;
  const bool is_lost = info.error == protocol::Error::connection_lost ||
                       info.error == protocol::Error::connection_lost_in_handshake;
  if (is_lost && (input_error_ || output_error_)) {
    detail_ = input_error_ ? input_error_ : output_error_;
    if (!asks_to_repeat(detail_)) code_ = detail_;
  }
  if (blame_) {
    code_ = blame_;
    if (info_.step == Step::none) info_.step = Step::frame;
    if (info_.by == ClosedBy::network) info_.by = ClosedBy::us;
  }
}

void Story::fail(Step step, std::error_code code, std::string about) noexcept {
  if (ended_) return;
  ended_ = true;
  info_.step = step;
  if (code.category() == protocol_category()) info_.error = static_cast<protocol::Error>(code.value());
  code_ = code;
  about_ = std::move(about);
  if (info_.by == ClosedBy::nobody) info_.by = step == Step::url ? ClosedBy::us : ClosedBy::network;
}

std::error_code Story::end_code() const noexcept {
  if (code_) return asks_to_repeat(code_) ? std::make_error_code(std::errc::not_connected) : code_;
  const bool is_unusual = info_.by == ClosedBy::peer && !is_usual_close(info_.received);
  return is_unusual ? std::error_code(info_.received) : std::error_code{};
}

std::error_code Story::later_code() const noexcept {
  std::error_code code = end_code();
  if (!ended_) code = blame_ ? blame_ : output_error_;
  return code && !asks_to_repeat(code) ? code : std::make_error_code(std::errc::not_connected);
}

std::string Story::sentence() const {
  if (refusal_.status != 0) {
    return "handshake refused: HTTP " + std::to_string(refusal_.status) + " (expected 101)";
  }
  std::string text = std::string(protocol::name(info_.step)) + ": " + code_.message();
  const std::string about = detail_ && detail_ != code_ ? detail_.message() : about_;
  if (!about.empty()) text += " (" + about + ")";
  return text;
}

CloseInfo Story::close_info() const noexcept {
  CloseInfo info = info_;
  info.reason = reason();
  return info;
}

Failure Story::failure() const {
  return code_ ? Failure{info_.step, code_, sentence(), refusal_} : Failure{};
}

Failure Story::explain(std::error_code code) const {
  if (code_ && code_ == code) return failure();
  Failure failure;
  failure.step = Step::frame;
  failure.code = code;
  failure.sentence = code.message();
  const bool is_end = code == std::errc::not_connected || code.category() == close_category();
  if (!is_end || info_.by == ClosedBy::nobody) return failure;
  failure.step = Step::close;
  if (code == std::errc::not_connected) {
    failure.sentence = "the connection is closed (code " + std::to_string(to_integer(info_.code())) + ")";
  }
  if (!reason().empty()) failure.sentence.append(": ").append(reason());
  if (code == std::errc::not_connected && code_) {
    failure = this->failure();
    failure.code = code;
  }
  return failure;
}

}  // namespace cpwebsockets
