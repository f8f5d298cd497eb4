#include "../system_cas.hpp"

namespace cpwebsockets::transport {

bool add_system_cas(SSL_CTX* context) noexcept {
  return SSL_CTX_set_default_verify_paths(context) == 1;
}

}  // namespace cpwebsockets::transport
