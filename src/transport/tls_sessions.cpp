#include "tls_sessions.hpp"

#include <algorithm>

namespace cpwebsockets::transport {
namespace {

constexpr std::ptrdiff_t sessions_per_peer = 4;  // a server gives out two for each connection
constexpr std::size_t most_sessions = 256;

}  // namespace

void TlsSessions::keep(const std::string& peer, Session session) {
  const std::lock_guard lock(mutex_);
  entries_.push_front({peer, std::move(session)});
  const auto is_of_peer = [&](const Entry& entry) { return entry.peer == peer; };
  if (std::count_if(entries_.begin(), entries_.end(), is_of_peer) > sessions_per_peer) {
    entries_.erase(std::prev(std::find_if(entries_.rbegin(), entries_.rend(), is_of_peer).base()));
  }
  if (entries_.size() > most_sessions) entries_.pop_back();
}

TlsSessions::Session TlsSessions::take(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->peer != peer) continue;
    if (SSL_SESSION_get_protocol_version(entry->session.get()) == TLS1_3_VERSION) {
      Session session = std::move(entry->session);
      entries_.erase(entry);
      return session;
    }
    SSL_SESSION_up_ref(entry->session.get());
    return Session(entry->session.get());
  }
  return nullptr;
}

}  // namespace cpwebsockets::transport
