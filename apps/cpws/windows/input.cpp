#include "../input.hpp"

#include <winsock2.h>
// Needs winsock2.h before it.
#include <windows.h>

#include <limits>
#include <thread>
#include <utility>

#include "../standard_streams.hpp"
#include "utf8.hpp"

namespace cpws {
namespace {

constexpr wchar_t ctrl_z = 0x1A;

// A read from a console or a pipe cannot be waited for together with something else. So a thread reads, a
// block each time when it is asked to. Nothing ends a read early: the thread ends with the process.
struct Reader {
  HANDLE wanted = ::CreateEventW(nullptr, FALSE, FALSE, nullptr);
  HANDLE done = ::CreateEventW(nullptr, FALSE, FALSE, nullptr);
  std::string bytes;  // none at the end
  DWORD error = 0;

  void run() {
    const HANDLE input = ::GetStdHandle(STD_INPUT_HANDLE);
    while (::WaitForSingleObject(wanted, INFINITE) == WAIT_OBJECT_0) {
      bytes.clear();
      error = stdin_is_terminal() ? read_console(input) : read_file(input);
      ::SetEvent(done);
    }
  }

  DWORD read_file(HANDLE input) {
    bytes.resize(65536);
    DWORD size = 0;
    const bool ok = ::ReadFile(input, bytes.data(), static_cast<DWORD>(bytes.size()), &size, nullptr) != 0;
    bytes.resize(ok ? size : 0);
    const DWORD cause = ok ? 0 : ::GetLastError();
    return cause == ERROR_BROKEN_PIPE ? 0 : cause;  // the writer has closed it
  }

  DWORD read_console(HANDLE input) {
    wchar_t units[4096];
    DWORD count = 0;
    do {
      ::SetLastError(0);
      if (::ReadConsoleW(input, units, 4096, &count, nullptr) == 0) return ::GetLastError();
      // Nothing, but not the end: Ctrl-C was pressed.
    } while (count == 0 && ::GetLastError() == ERROR_OPERATION_ABORTED);
    if (count > 0 && units[0] != ctrl_z) bytes = to_utf8({units, count});
    return 0;
  }
};

}  // namespace

struct Input::Source {
  std::shared_ptr<Reader> reader;
  HANDLE woken;
  bool holds_return = false;  // the last block ended with "\r"
};

const char* const Input::keys_that_end_it = "Ctrl-Z and Enter";

Input::Input(const cpwebsockets::transport::WakeUp& wake)
    : source_(std::make_unique<Source>(
          Source{std::make_shared<Reader>(), ::CreateEventW(nullptr, TRUE, FALSE, nullptr)})) {
  if (wake.handle() != cpwebsockets::transport::no_handle)
    ::WSAEventSelect(wake.handle(), source_->woken, FD_READ);
  std::thread([reader = source_->reader] { reader->run(); }).detach();
}

Input::~Input() = default;

Input::Result Input::read(std::string& bytes) {
  Reader& reader = *source_->reader;
  ::SetEvent(reader.wanted);
  const HANDLE either[] = {source_->woken, reader.done};
  if (::WaitForMultipleObjects(2, either, FALSE, INFINITE) != WAIT_OBJECT_0 + 1) return Result::woken;
  if (reader.error != 0) error_ = {static_cast<int>(reader.error), std::system_category()};
  if (reader.bytes.empty()) {
    if (!std::exchange(source_->holds_return, false)) return Result::end;
    bytes += '\r';
  }
  for (const char byte : reader.bytes) {
    if (source_->holds_return && byte != '\n') bytes += '\r';
    source_->holds_return = byte == '\r';
    if (byte != '\r') bytes += byte;
  }
  return Result::bytes;
}

std::size_t Input::longest_line() noexcept {
  return std::numeric_limits<std::size_t>::max();
}

}  // namespace cpws
