#include "../secret_page.hpp"

#include <windows.h>

namespace cpwebsockets::transport {

// There is no fork: the page only has to be wiped.
SecretPage::SecretPage() noexcept
    : bytes_(
          static_cast<std::byte*>(::VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE))) {}

SecretPage::~SecretPage() {
  if (bytes_ == nullptr) return;
  ::SecureZeroMemory(bytes_, size);
  ::VirtualFree(bytes_, 0, MEM_RELEASE);
}

std::byte* SecretPage::bytes() noexcept {
  return bytes_;
}

}  // namespace cpwebsockets::transport
