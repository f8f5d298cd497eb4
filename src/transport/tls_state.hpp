/// Inside of a TlsContext.
#pragma once

#include <openssl/ssl.h>

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include "cpwebsockets/transport/tls_context.hpp"
#include "tls_sessions.hpp"

namespace cpwebsockets::transport {

struct TlsContext::State {
  struct Free {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  std::unique_ptr<SSL_CTX, Free> native;
  bool verifies = true;
  std::vector<std::string> pins;  // raw SHA-256
  TlsSessions sessions;
  std::unique_ptr<std::FILE, Free> key_log;  // a line is one write: stdio's own lock is enough
};

/// What OpenSSL has failed for: memory, if it has noted that, or else `otherwise`. Clears its notes.
[[nodiscard]] std::error_code take_cause(std::error_code otherwise) noexcept;

}  // namespace cpwebsockets::transport
