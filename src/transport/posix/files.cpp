#include "../files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cpwebsockets::transport {

FileStamp stamp_of(const std::string& file) noexcept {
  struct stat status {};
  if (file.empty() || ::stat(file.c_str(), &status) != 0) return {};
#ifdef __APPLE__
  const timespec& changed = status.st_mtimespec;
#else
  const timespec& changed = status.st_mtim;
#endif
  return {static_cast<std::int64_t>(status.st_ino), status.st_size, changed.tv_sec, changed.tv_nsec};
}

std::FILE* open_private_log(const std::string& file) noexcept {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return nullptr;
  std::FILE* const opened = ::fdopen(descriptor, "a");
  if (opened == nullptr) ::close(descriptor);
  return opened;
}

}  // namespace cpwebsockets::transport
