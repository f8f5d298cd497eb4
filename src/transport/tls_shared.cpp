// The contexts that connections share without asking for it.
#include <array>
#include <chrono>
#include <list>
#include <mutex>

#include "cpwebsockets/transport/tls_context.hpp"
#include "files.hpp"

namespace cpwebsockets::transport {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::hours longest_use{1};  // the system's CAs may have changed by then
constexpr std::size_t most_contexts = 8;

using Stamps = std::array<FileStamp, 3>;

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
