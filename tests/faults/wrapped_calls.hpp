/// System calls that fail on demand: the linker sends the library's calls here (-Wl,--wrap).
#pragma once

#include <cstddef>

namespace test {

enum class Fault {
  none,
  fails,        ///< the call fails with an errno that fits it
  is_short,     ///< it moves one byte
  would_block,  ///< EAGAIN from send and recv; an interrupted poll
};

/// From here on, in this thread only, the `step`-th wrapped call (from 1) has `fault`. Returns nothing; see
/// disarm().
void arm(Fault fault, std::size_t step);

struct FaultReport {
  std::size_t calls = 0;  ///< wrapped calls since arm()
  bool injected = false;  ///< the fault took place: the call exists, and the fault makes sense for it
};
FaultReport disarm();

/// In all threads, while it is held no look-up of a name ends, as with a resolver that does not answer.
void hold_look_ups(bool held);

/// In all threads, while they are out no descriptor can be had: EMFILE.
void descriptors_are_out(bool out);

}  // namespace test
