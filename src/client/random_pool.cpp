#include "random_pool.hpp"

#include <sys/mman.h>
#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace cpwebsockets {
namespace {

bool ask_system(std::span<std::byte> out) noexcept {
  while (!out.empty()) {
    const ssize_t size = ::getrandom(out.data(), out.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

struct RandomPool::Page {
  static constexpr std::size_t size = 4096;
  std::uint32_t left;  // unused bytes at the end of `bytes`; the kernel's zero after a fork means none
  std::byte bytes[size - sizeof(std::uint32_t)];
};

RandomPool::RandomPool() noexcept : page_(nullptr) {
  void* const memory =
      ::mmap(nullptr, Page::size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  if (::madvise(memory, Page::size, MADV_WIPEONFORK) != 0) {
    ::munmap(memory, Page::size);  // a pool that a fork would copy is worse than none: each call asks
    return;
  }
  page_ = static_cast<Page*>(memory);
}

RandomPool::~RandomPool() {
  if (page_ == nullptr) return;
  ::explicit_bzero(page_, Page::size);
  ::munmap(page_, Page::size);
}

bool RandomPool::refill() noexcept {
  if (!ask_system(page_->bytes)) return false;
  page_->left = sizeof page_->bytes;
  return true;
}

bool RandomPool::fill(std::span<std::byte> out) noexcept {
  if (page_ == nullptr || out.size() > sizeof page_->bytes) return ask_system(out);
  if (page_->left < out.size() && !refill()) return false;
  page_->left -= static_cast<std::uint32_t>(out.size());
  std::byte* const used = page_->bytes + page_->left;
  if (out.size() == sizeof(protocol::MaskingKey)) {  // nearly always: a size that the compiler can see
    std::memcpy(out.data(), used, sizeof(protocol::MaskingKey));
    std::memset(used, 0, sizeof(protocol::MaskingKey));
  } else {
    std::memcpy(out.data(), used, out.size());
    std::memset(used, 0, out.size());
  }
  return true;
}

protocol::Random RandomPool::source() noexcept {
  return {[](void* context, std::span<std::byte> out) noexcept {
            return static_cast<RandomPool*>(context)->fill(out);
          },
          this};
}

}  // namespace cpwebsockets
