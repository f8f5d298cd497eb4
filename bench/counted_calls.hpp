/// System calls and allocations of the program that links this: the linker sends them through counters
/// (-Wl,--wrap).
#pragma once

#include <cstddef>

struct Counted {
  std::size_t system_calls = 0;
  std::size_t allocations = 0;
};

extern Counted counted;

/// A line with both, for tests/speed/run.py.
void print(const Counted& counts);
