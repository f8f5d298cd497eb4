#include "../secret_page.hpp"

#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <cstring>

namespace cpwebsockets::transport {
namespace {

// As a call that the compiler cannot leave out.
void* (*const volatile wipe)(void*, int, std::size_t) = &std::memset;

#ifdef MADV_WIPEONFORK

// Linux: the kernel does it, for children by clone(2) too. A page that a child would share is worse than
// none.
bool guard(std::byte* page) noexcept {
  return ::madvise(page, SecretPage::size, MADV_WIPEONFORK) == 0;
}
std::uint32_t current_generation() noexcept {
  return 0;
}

#else

// Counts the forks between the first process and this one.
std::atomic<std::uint32_t> generation{0};

bool guard(std::byte*) noexcept {
  static const bool counts = ::pthread_atfork(nullptr, nullptr, [] { ++generation; }) == 0;
  return counts;
}
std::uint32_t current_generation() noexcept {
  return generation.load(std::memory_order_relaxed);
}

#endif

}  // namespace

SecretPage::SecretPage() noexcept {
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  bytes_ = static_cast<std::byte*>(memory);
  generation_ = current_generation();
  if (guard(bytes_)) return;
  ::munmap(memory, size);
  bytes_ = nullptr;
}

SecretPage::~SecretPage() {
  if (bytes_ == nullptr) return;
  wipe(bytes_, 0, size);
  ::munmap(bytes_, size);
}

std::byte* SecretPage::bytes() noexcept {
  if (const std::uint32_t now = current_generation(); now != generation_ && bytes_ != nullptr) {
    wipe(bytes_, 0, size);
    generation_ = now;
  }
  return bytes_;
}

}  // namespace cpwebsockets::transport
