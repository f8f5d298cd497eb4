#include "../standard_streams.hpp"

#include <fcntl.h>
#include <io.h>
#include <windows.h>
// Needs windows.h.
#include <shellapi.h>

#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include "utf8.hpp"

namespace cpws {
namespace {

UINT code_page_before = 0;

bool is_console(DWORD stream) noexcept {
  DWORD mode = 0;
  return ::GetConsoleMode(::GetStdHandle(stream), &mode) != 0;
}

}  // namespace

// Bytes pass as they are, and the console takes them as UTF-8, whole characters at a time.
void prepare_standard_streams() noexcept {
  for (std::FILE* const stream : {stdout, stderr}) {
    if (const int descriptor = ::_fileno(stream); descriptor >= 0) ::_setmode(descriptor, _O_BINARY);
  }
  std::setvbuf(stdout, nullptr, _IOFBF, 1U << 16);
  if (!is_console(STD_OUTPUT_HANDLE) && !is_console(STD_ERROR_HANDLE)) return;
  code_page_before = ::GetConsoleOutputCP();  // the console's, which stays when we have gone
  ::SetConsoleOutputCP(CP_UTF8);
  std::atexit([] { ::SetConsoleOutputCP(code_page_before); });
}

bool stdin_is_terminal() noexcept {
  return is_console(STD_INPUT_HANDLE);
}

bool stdout_is_terminal() noexcept {
  return is_console(STD_OUTPUT_HANDLE);
}

// argv has lost what the user's code page does not know.
std::vector<std::string> arguments_of(int /*argc*/, char** /*argv*/) {
  int count = 0;
  wchar_t** const wide = ::CommandLineToArgvW(::GetCommandLineW(), &count);
  std::vector<std::string> arguments;
  for (int i = 1; i < count; ++i) arguments.push_back(to_utf8(wide[i]));
  ::LocalFree(wide);
  return arguments;
}

}  // namespace cpws
