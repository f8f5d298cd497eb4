#include "counted_calls.hpp"

#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <new>

Counted counted;

void print(const Counted& counts) {
  std::printf("%zu %zu\n", counts.system_calls, counts.allocations);
  std::fflush(stdout);
}

#define COUNTED(counter, result, name, parameters, arguments) \
  extern "C" result __real_##name parameters;                 \
  extern "C" result __wrap_##name parameters {                \
    ++counter;                                                \
    return __real_##name arguments;                           \
  }
COUNTED(counted.system_calls, ssize_t, recv, (int fd, void* buffer, size_t size, int flags),
        (fd, buffer, size, flags))
COUNTED(counted.system_calls, ssize_t, send, (int fd, const void* buffer, size_t size, int flags),
        (fd, buffer, size, flags))
COUNTED(counted.system_calls, ssize_t, recvmsg, (int fd, msghdr* message, int flags), (fd, message, flags))
COUNTED(counted.system_calls, ssize_t, sendmsg, (int fd, const msghdr* message, int flags),
        (fd, message, flags))
COUNTED(counted.system_calls, int, poll, (pollfd * entries, nfds_t count, int timeout),
        (entries, count, timeout))
COUNTED(counted.system_calls, int, setsockopt,
        (int fd, int level, int name, const void* value, socklen_t size), (fd, level, name, value, size))
COUNTED(counted.system_calls, ssize_t, getrandom, (void* buffer, size_t size, unsigned flags),
        (buffer, size, flags))
COUNTED(counted.allocations, void*, malloc, (size_t size), (size))
COUNTED(counted.allocations, void*, realloc, (void* old, size_t size), (old, size))
COUNTED(counted.allocations, void*, calloc, (size_t count, size_t size), (count, size))

void* operator new(std::size_t size) {
  ++counted.allocations;
  return __real_malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
