/// Memory for secrets that a child process must not share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cpwebsockets::transport {

/// A page for secrets of one kind. It is all zeros, or as another one left it that is gone, when made; it is
/// all zeros in the child of a fork(2), and is wiped before it goes back to the system. Where there is no
/// memory, or no way to tell a child, there is no page. Not thread-safe.
class SecretPage {
 public:
  static constexpr std::size_t size = 4096;

  SecretPage() noexcept;
  SecretPage(const SecretPage&) = delete;
  SecretPage& operator=(const SecretPage&) = delete;
  ~SecretPage();

  /// The page, or null. Ask again before each use: only this call sees that there was a fork.
  [[nodiscard]] std::byte* bytes() noexcept;

 private:
  std::byte* bytes_ = nullptr;
  std::uint32_t generation_ = 0;  // of the process, where the kernel does not wipe the page itself
};

}  // namespace cpwebsockets::transport
