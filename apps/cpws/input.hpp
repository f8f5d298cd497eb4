#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <system_error>

#include "transport/wake_up.hpp"

namespace cpws {

/// The bytes of stdin, without waiting past the moment when something else happens.
class Input {
 public:
  enum class Result {
    bytes,
    end,    ///< of the input, or error() says what
    woken,  ///< by `wake`: there must be no further call
  };

  explicit Input(const cpwebsockets::transport::WakeUp& wake);
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

  /// Appends to `bytes` what comes next. Lines end with "\n".
  Result read(std::string& bytes);
  [[nodiscard]] const std::error_code& error() const noexcept { return error_; }

  /// A terminal that edits lines may keep no more of one than this many bytes, and says nothing.
  [[nodiscard]] static std::size_t longest_line() noexcept;
  /// What a person presses to end the input.
  static const char* const keys_that_end_it;

 private:
  struct Source;  // what the system has
  std::unique_ptr<Source> source_;
  std::error_code error_;
};

}  // namespace cpws
