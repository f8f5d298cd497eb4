/// How a connection ended, told once for every driver: who, with which codes, at which step, and why.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include "cpwebsockets/error.hpp"
#include "cpwebsockets/protocol/close.hpp"

namespace cpwebsockets {

/// Notes what happens without allocating, as memory may be what is missing. Sentences are made on request.
class Story {
 public:
  /// Reading or writing failed because of `cause`. The first of each kind counts.
  void input_failed(std::error_code cause) noexcept {
    if (!input_error_) input_error_ = cause;
  }
  void output_failed(std::error_code cause) noexcept {
    if (!output_error_) output_error_ = cause;
  }
  /// The connection will end because of us or of the machine: `cause` then replaces the cause that
  /// on_closed() is told.
  void blame(std::error_code cause) noexcept { blame_ = cause; }
  [[nodiscard]] bool is_blamed() const noexcept { return static_cast<bool>(blame_); }

  /// The core's Closed event.
  void on_closed(const CloseInfo& info) noexcept;
  /// An end that the core does not know of: in a step before it, or because the driver gave up.
  void fail(Step step, std::error_code code, std::string about = {}) noexcept;
  void refused(Refusal refusal) noexcept { refusal_ = std::move(refusal); }

  /// All has been told.
  [[nodiscard]] bool has_ended() const noexcept { return ended_; }
  [[nodiscard]] bool output_has_failed() const noexcept { return static_cast<bool>(output_error_); }
  [[nodiscard]] ClosedBy closed_by() const noexcept { return info_.by; }

  /// The cause, as connect() reports it; none after a clean closing handshake.
  [[nodiscard]] std::error_code code() const noexcept { return code_; }
  /// The code with which a receiving call reports the end: none after a clean closing handshake, unless the
  /// server began it with another code than 1000, 1001 or none (RFC 6455 §7.4.1). It is never one that asks
  /// to repeat the call.
  [[nodiscard]] std::error_code end_code() const noexcept;
  /// The code of any other call after the end.
  [[nodiscard]] std::error_code later_code() const noexcept;

  /// The reason is a view of the story's own memory.
  [[nodiscard]] CloseInfo close_info() const noexcept;
  /// Why it ended or did not open; empty after a clean end.
  [[nodiscard]] Failure failure() const;
  /// The story behind a code that a call has reported.
  [[nodiscard]] Failure explain(std::error_code code) const;

 private:
  [[nodiscard]] std::string sentence() const;
  [[nodiscard]] std::string_view reason() const noexcept { return {reason_.data(), info_.reason.size()}; }

  CloseInfo info_;  // its reason has only a size: the text stands in reason_
  std::array<char, protocol::max_close_reason> reason_{};
  std::error_code code_;    // none after a clean end
  std::error_code detail_;  // the system's error, when code_ must not be it
  std::string about_;
  Refusal refusal_;
  std::error_code input_error_;
  std::error_code output_error_;
  std::error_code blame_;
  bool ended_ = false;
};

}  // namespace cpwebsockets
