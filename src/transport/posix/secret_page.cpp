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
constexpr bool kernel_wipes = true;
bool guard(std::byte* page) noexcept {
  return ::madvise(page, SecretPage::size, MADV_WIPEONFORK) == 0;
}
std::uint32_t current_generation() noexcept {
  return 0;
}

#else

// Counts the forks between the first process and this one.
std::atomic<std::uint32_t> generation{0};

constexpr bool kernel_wipes = false;
bool guard(std::byte*) noexcept {
  static const bool counts = ::pthread_atfork(nullptr, nullptr, [] { ++generation; }) == 0;
  return counts;
}
std::uint32_t current_generation() noexcept {
  return generation.load(std::memory_order_relaxed);
}

#endif

// A page that nobody uses: for programs that open one connection after another.
std::atomic<std::byte*> spare{nullptr};

}  // namespace

SecretPage::SecretPage() noexcept {
  generation_ = current_generation();
  bytes_ = spare.exchange(nullptr, std::memory_order_acquire);
  if (bytes_ != nullptr) return;
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  bytes_ = static_cast<std::byte*>(memory);
  if (guard(bytes_)) return;
  ::munmap(memory, size);
  bytes_ = nullptr;
}

SecretPage::~SecretPage() {
  if (bytes_ == nullptr) return;
  // A child that takes it must find zeros; another connection goes on with the secrets that are left.
  if (!kernel_wipes) wipe(bytes_, 0, size);
  std::byte* nothing = nullptr;
  if (spare.compare_exchange_strong(nothing, bytes_, std::memory_order_release, std::memory_order_relaxed))
    return;
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
