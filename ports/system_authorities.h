// The certificate authorities that the system trusts.
#pragma once

#include <openssl/ssl.h>

namespace tandem {

// Lets `context` accept what they have signed. OpenSSL's own places: SSL_CERT_FILE and
// SSL_CERT_DIR, or Debian's /usr/lib/ssl/cert.pem and /usr/lib/ssl/certs. What is not there is no
// error: then nobody is trusted. Takes some 30 ms and 1 MiB where they are all in one file, as on
// Debian.
void trust_system_authorities(SSL_CTX* context);

}  // namespace tandem
