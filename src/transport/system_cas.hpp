/// The certificates that the system trusts.
#pragma once

#include <openssl/ssl.h>

namespace cpwebsockets::transport {

[[nodiscard]] bool add_system_cas(SSL_CTX* context) noexcept;

}  // namespace cpwebsockets::transport
