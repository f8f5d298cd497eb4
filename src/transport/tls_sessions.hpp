/// Sessions of earlier connections, which a later one to the same server resumes (RFC 8446 §2.2, RFC 5077).
#pragma once

#include <openssl/ssl.h>

#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace cpwebsockets::transport {

/// Thread-safe. Bounded: the sessions that were used least recently go first.
class TlsSessions {
 public:
  struct Free {
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
  };
  using Session = std::unique_ptr<SSL_SESSION, Free>;

  void keep(const std::string& peer, Session session);
  /// One for a connection to `peer`, or none. A TLS 1.3 ticket is given out once, so that nobody can tell two
  /// connections by it (RFC 8446 §C.4).
  [[nodiscard]] Session take(const std::string& peer);

 private:
  struct Entry {
    std::string peer;
    Session session;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;  // the newest first
};

}  // namespace cpwebsockets::transport
