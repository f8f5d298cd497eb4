/// What an operation of a session needs from its driver before it can go on.
#pragma once

#include <cstdint>

namespace cpwebsockets {

/// The answer of each operation of a Session. The driver does what it says, reports what happened, and calls
/// the same operation again. It may give up instead at any time, at its deadline or when it is cancelled.
enum class Next : std::uint8_t {
  done,   ///< the operation is over, with a result or an error code
  input,  ///< send what to_send() has, then read once, or let time pass until next_deadline()
  room,   ///< send some of to_send(); what comes meanwhile may be listened to
  turn,   ///< wait until another message that is being sent has ended
};

}  // namespace cpwebsockets
