#include "wrapped_calls.hpp"

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "failing_memory.hpp"

namespace test {
namespace {

thread_local bool armed = false;
thread_local Fault wanted = Fault::none;
thread_local std::size_t step_wanted = 0;
thread_local FaultReport report;
std::atomic<bool> look_ups_held{false};
std::atomic<bool> no_descriptors{false};

}  // namespace

void arm(Fault fault, std::size_t step) {
  armed = true;
  wanted = fault;
  step_wanted = step;
  report = {};
}

FaultReport disarm() {
  armed = false;
  return report;
}

void hold_look_ups(bool held) {
  look_ups_held = held;
  look_ups_held.notify_all();
}

void descriptors_are_out(bool out) {
  no_descriptors = out;
}

bool has_descriptors() {
  return !no_descriptors;
}

// Where the resolver is held, this waits.
void await_resolver() {
  look_ups_held.wait(true);
}

// Counts a call; the fault it shall have, of those that make sense for it.
Fault next_fault(bool can_be_short, bool can_block) {
  if (!armed || ++report.calls != step_wanted) return Fault::none;
  if ((wanted == Fault::is_short && !can_be_short) || (wanted == Fault::would_block && !can_block))
    return Fault::none;
  report.injected = true;
  return wanted;
}

}  // namespace test

using test::Fault;
using test::next_fault;

#define WRAPPED(result, name, parameters, arguments, error) \
  WRAPPED_IF(true, result, name, parameters, arguments, error)

#define WRAPPED_IF(possible, result, name, parameters, arguments, error) \
  extern "C" result __real_##name parameters;                            \
  extern "C" result __wrap_##name parameters {                           \
    if (next_fault(false, false) == Fault::fails || !(possible)) {       \
      errno = error;                                                     \
      return -1;                                                         \
    }                                                                    \
    return __real_##name arguments;                                      \
  }

WRAPPED_IF(test::has_descriptors(), int, socket, (int domain, int type, int protocol),
           (domain, type, protocol), EMFILE)
WRAPPED(int, connect, (int fd, const sockaddr* address, socklen_t size), (fd, address, size), ENETUNREACH)
WRAPPED(int, getsockopt, (int fd, int level, int name, void* value, socklen_t* size),
        (fd, level, name, value, size), ENOBUFS)
WRAPPED(int, setsockopt, (int fd, int level, int name, const void* value, socklen_t size),
        (fd, level, name, value, size), ENOPROTOOPT)
WRAPPED_IF(test::has_descriptors(), int, eventfd, (unsigned count, int flags), (count, flags), EMFILE)
WRAPPED(int, madvise, (void* address, size_t size, int advice), (address, size, advice), EINVAL)
WRAPPED(ssize_t, getrandom, (void* buffer, size_t size, unsigned flags), (buffer, size, flags), ENOSYS)
WRAPPED(int, shutdown, (int fd, int how), (fd, how), ENOTCONN)

extern "C" ssize_t __real_recv(int fd, void* buffer, size_t size, int flags);
extern "C" ssize_t __wrap_recv(int fd, void* buffer, size_t size, int flags) {
  switch (next_fault(true, true)) {
    case Fault::none:
      break;
    case Fault::is_short:
      return __real_recv(fd, buffer, size > 0 ? 1 : 0, flags);
    case Fault::fails:
      errno = ECONNRESET;
      return -1;
    case Fault::would_block:
      errno = EAGAIN;
      return -1;
  }
  return __real_recv(fd, buffer, size, flags);
}

extern "C" ssize_t __real_send(int fd, const void* buffer, size_t size, int flags);
extern "C" ssize_t __wrap_send(int fd, const void* buffer, size_t size, int flags) {
  switch (next_fault(true, true)) {
    case Fault::none:
      break;
    case Fault::is_short:
      return __real_send(fd, buffer, size > 0 ? 1 : 0, flags);
    case Fault::fails:
      errno = EPIPE;
      return -1;
    case Fault::would_block:
      errno = EAGAIN;
      return -1;
  }
  return __real_send(fd, buffer, size, flags);
}

extern "C" int __real_poll(pollfd* entries, nfds_t count, int timeout);
extern "C" int __wrap_poll(pollfd* entries, nfds_t count, int timeout) {
  const Fault fault = next_fault(false, true);
  if (fault == Fault::none) return __real_poll(entries, count, timeout);
  errno = fault == Fault::fails ? ENOMEM : EINTR;
  return -1;
}

extern "C" void* __real_mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset);
extern "C" void* __wrap_mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  if (next_fault(false, false) != Fault::fails)
    return __real_mmap(address, size, protection, flags, fd, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}

extern "C" void* __real_realloc(void* memory, size_t size);
extern "C" void* __wrap_realloc(void* memory, size_t size) {
  if (test::allocation_fails()) return nullptr;
  return next_fault(false, false) == Fault::fails ? nullptr : __real_realloc(memory, size);
}

// What a thread allocates counts as what the one does that starts it.
struct CountedStart {
  void* (*start)(void*);
  void* argument;
};
extern "C" void* __real_malloc(size_t size);
extern "C" void* run_counted(void* argument) {
  const CountedStart counted = *static_cast<CountedStart*>(argument);
  std::free(argument);
  test::enter_library();
  return counted.start(counted.argument);
}

extern "C" int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                     void* (*start)(void*), void* argument);
extern "C" int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                     void* (*start)(void*), void* argument) {
  if (next_fault(false, false) == Fault::fails) return EAGAIN;
  if (!test::is_in_library()) return __real_pthread_create(thread, attributes, start, argument);
  auto* const counted = static_cast<CountedStart*>(__real_malloc(sizeof(CountedStart)));
  *counted = {start, argument};
  return __real_pthread_create(thread, attributes, &run_counted, counted);
}

extern "C" int __real_getaddrinfo(const char* host, const char* port, const addrinfo* hints, addrinfo** list);
extern "C" int __wrap_getaddrinfo(const char* host, const char* port, const addrinfo* hints,
                                  addrinfo** list) {
  if (next_fault(false, false) == Fault::fails) return EAI_MEMORY;
  if ((hints->ai_flags & AI_NUMERICHOST) == 0) test::await_resolver();
  return __real_getaddrinfo(host, port, hints, list);
}
