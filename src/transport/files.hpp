/// Files of certificates and keys.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

namespace cpwebsockets::transport {

/// Changes when a file does; zeros if there is none. Names are UTF-8 on Windows.
using FileStamp = std::array<std::int64_t, 4>;
[[nodiscard]] FileStamp stamp_of(const std::string& file) noexcept;

/// Opens a file to append to, which is made for this user alone. Null if that cannot be done.
[[nodiscard]] std::FILE* open_private_log(const std::string& file) noexcept;

}  // namespace cpwebsockets::transport
