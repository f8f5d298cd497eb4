// The contexts that connections share without asking for it.
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <ctime>
#include <list>
#include <mutex>

#include "cpwebsockets/transport/tls_context.hpp"

namespace cpwebsockets::transport {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::hours longest_use{1};  // the system's CAs may have changed by then
constexpr std::size_t most_contexts = 8;

// Changes when a file does.
using Stamp = std::array<std::int64_t, 4>;

Stamp stamp_of(const std::string& file) noexcept {
  struct stat status {};
  if (file.empty() || ::stat(file.c_str(), &status) != 0) return {};
  return {static_cast<std::int64_t>(status.st_ino), status.st_size, status.st_mtim.tv_sec,
          status.st_mtim.tv_nsec};
}

using Stamps = std::array<Stamp, 3>;

struct Entry {
  TlsOptions options;
  Stamps stamps;
  Clock::time_point made;
  std::shared_ptr<TlsContext> context;
};

struct Shared {
  std::mutex mutex;
  std::list<Entry> entries;  // the last used first
};

// Never destroyed: a thread may still connect while the process ends.
Shared& shared() {
  static auto* const made = new Shared;
  return *made;
}

}  // namespace

std::shared_ptr<TlsContext> TlsContext::shared_client(const TlsOptions& options, std::error_code& ec,
                                                      std::string* about) {
  const Stamps stamps = {stamp_of(options.ca_file), stamp_of(options.certificate_file),
                         stamp_of(options.key_file)};
  // The name is each connection's own.
  TlsOptions wanted = options;
  wanted.server_name.clear();

  Shared& all = shared();
  // Held while the files are read: many connections that begin together read them once.
  const std::lock_guard lock(all.mutex);
  for (auto entry = all.entries.begin(); entry != all.entries.end(); ++entry) {
    if (entry->options != wanted) continue;
    if (entry->stamps == stamps && Clock::now() - entry->made < longest_use) {
      all.entries.splice(all.entries.begin(), all.entries, entry);
      return entry->context;
    }
    all.entries.erase(entry);
    break;
  }
  std::shared_ptr<TlsContext> context = client(wanted, ec, about);
  if (context == nullptr) return nullptr;
  all.entries.push_front({std::move(wanted), stamps, Clock::now(), context});
  if (all.entries.size() > most_contexts) all.entries.pop_back();
  return context;
}

}  // namespace cpwebsockets::transport
