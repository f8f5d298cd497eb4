#include "../system_cas.hpp"

#include <windows.h>

#include <wincrypt.h>

#include <openssl/err.h>
#include <openssl/x509.h>

namespace cpwebsockets::transport {

// The store ROOT of the user, which has the machine's too. SSL_CERT_FILE and SSL_CERT_DIR count as elsewhere.
bool add_system_cas(SSL_CTX* context) noexcept {
  if (SSL_CTX_set_default_verify_paths(context) != 1) return false;
  const HCERTSTORE store = ::CertOpenSystemStoreW(0, L"ROOT");
  if (store == nullptr) return false;
  X509_STORE* const trusted = SSL_CTX_get_cert_store(context);
  for (PCCERT_CONTEXT entry = nullptr;
       (entry = ::CertEnumCertificatesInStore(store, entry)) != nullptr;) {  // frees the one before
    const unsigned char* der = entry->pbCertEncoded;
    X509* const certificate = d2i_X509(nullptr, &der, static_cast<long>(entry->cbCertEncoded));
    if (certificate != nullptr)
      X509_STORE_add_cert(trusted, certificate);  // one that cannot be read trusts nobody
    X509_free(certificate);
  }
  ::CertCloseStore(store, 0);
  ERR_clear_error();
  return true;
}

}  // namespace cpwebsockets::transport
