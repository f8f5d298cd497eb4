#include "../files.hpp"

#include <windows.h>

#include <limits>

namespace cpwebsockets::transport {
namespace {

std::wstring wide(const std::string& text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return {};
  const int size = static_cast<int>(text.size());
  std::wstring result(text.size(), L'\0');  // UTF-16 never has more units than UTF-8
  const int units =
      ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), size, result.data(), size);
  result.resize(static_cast<std::size_t>(units));
  return result;
}

std::int64_t joined(DWORD high, DWORD low) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(high) << 32 | low);
}

}  // namespace

FileStamp stamp_of(const std::string& file) noexcept try {
  WIN32_FILE_ATTRIBUTE_DATA data;
  if (file.empty() || ::GetFileAttributesExW(wide(file).c_str(), GetFileExInfoStandard, &data) == 0)
    return {};
  return {joined(data.ftCreationTime.dwHighDateTime, data.ftCreationTime.dwLowDateTime),
          joined(data.nFileSizeHigh, data.nFileSizeLow),
          joined(data.ftLastWriteTime.dwHighDateTime, data.ftLastWriteTime.dwLowDateTime), 1};
} catch (const std::bad_alloc&) {
  return {};
}

std::FILE* open_private_log(const std::string& file) noexcept try {
  return ::_wfopen(wide(file).c_str(), L"abN");  // who may read it is the folder's rule; N: not inherited
} catch (const std::bad_alloc&) {
  return nullptr;
}

}  // namespace cpwebsockets::transport
