#include "ports/system_authorities.h"

namespace tandem {

void trust_system_authorities(SSL_CTX* context) {
  X509_STORE_set_default_paths(SSL_CTX_get_cert_store(context));
}

}  // namespace tandem

// In place of OpenSSL's function of this name, for all of the process; the linker lets a program's
// own come before a library's. cpprest calls it for each TLS connection that it opens, whoever is
// trusted there, and so reads each authority of the system to have it thrown away: 30 ms of a loop
// that decides about takeovers. Who wants them asks for them, above. Nobody is trusted by this.
extern "C" int SSL_CTX_set_default_verify_paths(SSL_CTX* /*context*/) { return 1; }
