/// Memory that runs out on demand: operator new, malloc(), realloc() and what OpenSSL allocates.
#pragma once

#include <cstddef>

namespace test {

enum class Shortage {
  once,          ///< one allocation fails
  from_then_on,  ///< and all that follow
};

/// From here on, the `step`-th allocation that counts (from 1) fails; none if it is 0.
void arm_memory(std::size_t step, Shortage shortage);

struct MemoryReport {
  std::size_t allocations = 0;  ///< that counted since arm_memory()
  bool injected = false;        ///< one of them failed
};
MemoryReport disarm_memory();

/// While it lives, what its thread allocates counts, and what the threads do that the library starts.
class InLibrary {
 public:
  InLibrary() noexcept;
  InLibrary(const InLibrary&) = delete;
  InLibrary& operator=(const InLibrary&) = delete;
  ~InLibrary();

 private:
  bool before_;
};
/// For a new thread: whether the one that starts it is in the library.
[[nodiscard]] bool is_in_library() noexcept;
void enter_library() noexcept;

/// Counts an allocation; true if it shall fail.
[[nodiscard]] bool allocation_fails() noexcept;

}  // namespace test
