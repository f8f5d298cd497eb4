#include "utf8.hpp"

#include <windows.h>

namespace cpws {

std::string to_utf8(std::wstring_view text) {
  const int units = static_cast<int>(text.size());
  std::string bytes(text.size() * 3, '\0');  // no unit takes more
  const int size = ::WideCharToMultiByte(CP_UTF8, 0, text.data(), units, bytes.data(),
                                         static_cast<int>(bytes.size()), nullptr, nullptr);
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

}  // namespace cpws
