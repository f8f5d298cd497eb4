/// What an operation of a session needs from its driver before it can go on.
#pragma once

#include <cstdint>

namespace cpwebsockets {

/// The answer of every operation of a Session. The driver does what it says, reports what happened, and asks
/// the same operation again; it may give up at any time instead, as its deadline or a cancellation says.
enum class Next : std::uint8_t {
  done,   ///< it is over: with a result, or an error_code that is set
  input,  ///< send what to_send() has, then read once, or let time pass until next_deadline()
  room,   ///< send some of to_send(); what comes meanwhile may be listened to
  turn,   ///< wait until another message that is being sent has ended
};

}  // namespace cpwebsockets
