// Certificates made for one test: good ones and bad ones.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>

namespace tandem {

struct TlsIdentity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;
  int newest_version = TLS1_3_VERSION;
};

class TestCa {
 public:
  explicit TestCa(const std::string& name);

  // `names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1". Valid from an hour before now on,
  // until `seconds` after.
  TlsIdentity issue(const std::string& names, long seconds = 3600) const;
  // Writes the CA's own certificate as PEM.
  void write(const std::filesystem::path& file) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

// The caller frees it.
SSL_CTX* make_server_context(const TlsIdentity& identity);

}  // namespace tandem
