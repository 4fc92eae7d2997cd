#include "tests/ports/test_certificates.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace tandem {

namespace {

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

std::shared_ptr<EVP_PKEY> make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void extend(X509* certificate, int kind, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()), X509_EXTENSION_free);
  require(extension != nullptr, "bad extension");
  X509_add_ext(certificate, extension.get(), -1);
}

std::shared_ptr<X509> make_certificate(const std::string& name, EVP_PKEY* key, long seconds) {
  static long serial = 1;
  std::shared_ptr<X509> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

}  // namespace

TestCa::TestCa(const std::string& name)
    : key_(make_key()), certificate_(make_certificate(name, key_.get(), 3600)) {
  extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  require(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0, "cannot sign");
}

TlsIdentity TestCa::issue(const std::string& names, long seconds) const {
  TlsIdentity identity;
  identity.key = make_key();
  identity.certificate = make_certificate("server", identity.key.get(), seconds);
  extend(identity.certificate.get(), NID_subject_alt_name, names);
  X509_set_issuer_name(identity.certificate.get(), X509_get_subject_name(certificate_.get()));
  require(X509_sign(identity.certificate.get(), key_.get(), EVP_sha256()) > 0, "cannot sign");
  return identity;
}

void TestCa::write(const std::filesystem::path& file) const {
  const std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen(file.c_str(), "w"), std::fclose);
  require(out != nullptr && PEM_write_X509(out.get(), certificate_.get()) == 1, "cannot write");
}

SSL_CTX* make_server_context(const TlsIdentity& identity) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_security_level(context, 0);  // or OpenSSL itself would refuse TLS 1.1
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context, identity.newest_version);
  SSL_CTX_use_certificate(context, identity.certificate.get());
  SSL_CTX_use_PrivateKey(context, identity.key.get());
  return context;
}

}  // namespace tandem
