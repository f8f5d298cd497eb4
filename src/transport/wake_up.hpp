/// Ends the wait of another thread.
#pragma once

#include "cpwebsockets/transport/stream.hpp"

namespace cpwebsockets::transport {

/// Something that a wait can watch beside sockets, and that stays ready to be read once signal() was called.
class WakeUp {
 public:
  /// With `wanted` false it makes nothing.
  explicit WakeUp(bool wanted = true) noexcept;
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;
  ~WakeUp();

  /// no_handle if there is none, as with too many open files.
  [[nodiscard]] Handle handle() const noexcept { return reads_; }
  /// Thread-safe.
  void signal() const noexcept;

 private:
  Handle reads_ = no_handle;
  Handle writes_ = no_handle;  // the same where one handle does both
};

}  // namespace cpwebsockets::transport
