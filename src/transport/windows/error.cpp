#include "error.hpp"

#include <winsock2.h>

#include <array>

namespace cpwebsockets::transport {
namespace {

struct Known {
  int code;
  std::errc condition;
  const char* message;
};

constexpr Known known[] = {
    {WSAEACCES, std::errc::permission_denied, "Permission denied"},
    {WSAEADDRINUSE, std::errc::address_in_use, "Address already in use"},
    {WSAEADDRNOTAVAIL, std::errc::address_not_available, "Cannot assign requested address"},
    {WSAEAFNOSUPPORT, std::errc::address_family_not_supported, "Address family not supported by protocol"},
    {WSAECONNABORTED, std::errc::connection_aborted, "Software caused connection abort"},
    {WSAECONNREFUSED, std::errc::connection_refused, "Connection refused"},
    {WSAECONNRESET, std::errc::connection_reset, "Connection reset by peer"},
    {WSAEHOSTUNREACH, std::errc::host_unreachable, "No route to host"},
    {WSAEINVAL, std::errc::invalid_argument, "Invalid argument"},
    {WSAEMFILE, std::errc::too_many_files_open, "Too many open files"},
    {WSAENETDOWN, std::errc::network_down, "Network is down"},
    {WSAENETRESET, std::errc::network_reset, "Network dropped connection on reset"},
    {WSAENETUNREACH, std::errc::network_unreachable, "Network is unreachable"},
    {WSAENOBUFS, std::errc::no_buffer_space, "No buffer space available"},
    {WSAENOTCONN, std::errc::not_connected, "Transport endpoint is not connected"},
    {WSAENOTSOCK, std::errc::not_a_socket, "Socket operation on non-socket"},
    {WSAESHUTDOWN, std::errc::broken_pipe, "Broken pipe"},
    {WSAETIMEDOUT, std::errc::timed_out, "Connection timed out"},
    {WSAEWOULDBLOCK, std::errc::operation_would_block, "Resource temporarily unavailable"},
};

const Known* find(int code) noexcept {
  for (const Known& entry : known) {
    if (entry.code == code) return &entry;
  }
  return nullptr;
}

class WinsockCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "winsock"; }
  [[nodiscard]] std::string message(int code) const override {
    const Known* const entry = find(code);
    return entry != nullptr ? entry->message : system_message(code);
  }
  [[nodiscard]] std::error_condition default_error_condition(int code) const noexcept override {
    const Known* const entry = find(code);
    return entry != nullptr ? std::make_error_condition(entry->condition) : std::error_condition(code, *this);
  }
};

}  // namespace

const std::error_category& winsock_category() noexcept {
  static const WinsockCategory category;
  return category;
}

std::error_code last_winsock_error() noexcept {
  return {::WSAGetLastError(), winsock_category()};
}

std::string system_message(int code) {
  std::array<wchar_t, 512> text{};
  DWORD size = ::FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr,
                                static_cast<DWORD>(code), 0, text.data(), text.size(), nullptr);
  while (size > 0 && (text[size - 1] == L'\n' || text[size - 1] == L'\r' || text[size - 1] == L'.')) --size;
  if (size == 0) return "error " + std::to_string(code);
  std::string result(std::size_t{size} * 3, '\0');  // UTF-8 needs at most three bytes for a unit of UTF-16
  const int bytes = ::WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(size), result.data(),
                                          static_cast<int>(result.size()), nullptr, nullptr);
  result.resize(static_cast<std::size_t>(bytes));
  return result;
}

}  // namespace cpwebsockets::transport
