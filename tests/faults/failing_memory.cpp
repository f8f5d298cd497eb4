#include "failing_memory.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#if CPWEBSOCKETS_TLS
#include <openssl/crypto.h>
#endif

// The library's calls of malloc() and realloc() are counted here, see below; these are the system's.
extern "C" void* __real_malloc(std::size_t size);
extern "C" void* __real_realloc(void* memory, std::size_t size);

namespace test {
namespace {

thread_local bool in_library = false;
std::atomic<bool> armed{false};
std::atomic<bool> goes_on{false};
std::atomic<std::size_t> step_wanted{0};
std::atomic<std::size_t> allocations{0};

void* allocate(std::size_t size) noexcept {
  return allocation_fails() ? nullptr : __real_malloc(size == 0 ? 1 : size);
}

void* reallocate(void* memory, std::size_t size) noexcept {
  return allocation_fails() ? nullptr : __real_realloc(memory, size);
}

void* allocate_or_throw(std::size_t size) {
  if (void* const memory = allocate(size)) return memory;
  throw std::bad_alloc();
}

#if CPWEBSOCKETS_TLS

// OpenSSL asks for them before its first allocation, or not at all.
const int replaced =
    CRYPTO_set_mem_functions([](std::size_t size, const char*, int) { return allocate(size); },
                             [](void* memory, std::size_t size, const char*, int) -> void* {
                               if (size > 0) return reallocate(memory, size);
                               std::free(memory);
                               return nullptr;
                             },
                             [](void* memory, const char*, int) { std::free(memory); });

#endif

}  // namespace

void arm_memory(std::size_t step, Shortage shortage) {
  allocations = 0;
  step_wanted = step;
  goes_on = shortage == Shortage::from_then_on;
  armed = true;
}

MemoryReport disarm_memory() {
  armed = false;
  return {allocations, step_wanted > 0 && allocations >= step_wanted};
}

InLibrary::InLibrary() noexcept : before_(in_library) {
  in_library = true;
}
InLibrary::~InLibrary() {
  in_library = before_;
}

bool is_in_library() noexcept {
  return in_library;
}
void enter_library() noexcept {
  in_library = true;
}

bool allocation_fails() noexcept {
  if (!in_library || !armed) return false;
  const std::size_t count = ++allocations;
  return count == step_wanted || (goes_on && step_wanted > 0 && count > step_wanted);
}

}  // namespace test

extern "C" void* __wrap_malloc(std::size_t size) {
  return test::allocate(size);
}

void* operator new(std::size_t size) {
  return test::allocate_or_throw(size);
}
void* operator new[](std::size_t size) {
  return test::allocate_or_throw(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return test::allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return test::allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
