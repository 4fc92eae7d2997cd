#include "ports/certificates.h"

#include <openssl/asn1.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

namespace tandem {

using std::chrono::system_clock;

namespace {

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
template <class T, void (*release)(T*)>
using Owned = std::unique_ptr<T, Release<T, release>>;

void release_bio(BIO* bio) { BIO_free(bio); }
void release_names(GENERAL_NAMES* names) { GENERAL_NAMES_free(names); }

using Certificate = Owned<X509, X509_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Bytes = Owned<BIO, release_bio>;
using Extension = Owned<X509_EXTENSION, X509_EXTENSION_free>;

// OpenSSL keeps a queue of errors a thread; what we leave there would be told of another call.
struct QuietErrors {
  QuietErrors() = default;
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  ~QuietErrors() { ERR_clear_error(); }
};

Error no_certificate() { return {Fault::invalid, "there is no certificate in PEM in it"}; }

// Nobody is asked for a password: a key that needs one is unusable here.
int no_password(char*, int, int, void*) { return -1; }

Bytes reading(std::string_view text) {
  return Bytes(BIO_new_mem_buf(text.data(), static_cast<int>(std::min(text.size(), kPemBytesMax))));
}

Certificate parse_certificate(BIO* bytes) {
  return Certificate(PEM_read_bio_X509(bytes, nullptr, no_password, nullptr));
}
Certificate parse_certificate(std::string_view pem) {
  const Bytes bytes = reading(pem);
  return bytes ? parse_certificate(bytes.get()) : nullptr;
}
Key parse_key(std::string_view pem) {
  const Bytes bytes = reading(pem);
  return Key(bytes ? PEM_read_bio_PrivateKey(bytes.get(), nullptr, no_password, nullptr) : nullptr);
}

std::string written(BIO* bytes) {
  char* start = nullptr;
  const long size = BIO_get_mem_data(bytes, &start);
  return {start, static_cast<std::size_t>(size)};
}

// A key in a buffer that OpenSSL wipes; the string that leaves is the caller's.
Result<Credential> as_text(const Certificate& certificate, const Key& key) {
  const Bytes public_part(BIO_new(BIO_s_mem()));
  const Bytes private_part(BIO_new(BIO_s_secmem()));
  if (!public_part || !private_part ||
      PEM_write_bio_X509(public_part.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(private_part.get(), key.get(), nullptr, nullptr, 0, nullptr,
                               nullptr) != 1)
    return Error{Fault::unavailable, "the certificate could not be written"};
  return Credential{written(public_part.get()), written(private_part.get())};
}

bool set_random_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7FU) | 0x40U);  // positive, and never short
  const Owned<BIGNUM, BN_free> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_name(X509_NAME* name, const std::string& text) {
  // The subject has room for 64 characters; what counts is the alternative name.
  const auto fitting = text.substr(0, 64);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(fitting.data()),
                                    static_cast<int>(fitting.size()), -1, 0) == 1;
}

bool extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_validity(X509* certificate, const Validity& validity) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), system_clock::to_time_t(validity.from)) !=
             nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), system_clock::to_time_t(validity.until)) !=
             nullptr;
}

Certificate begin_certificate(const std::string& name, const Key& key, const Validity& validity) {
  Certificate certificate(X509_new());
  const bool done =
      certificate && key && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
      set_random_serial(certificate.get()) && set_validity(certificate.get(), validity) &&
      set_name(X509_get_subject_name(certificate.get()), name) &&
      X509_set_pubkey(certificate.get(), key.get()) == 1;
  return done ? std::move(certificate) : nullptr;
}

Error not_made() { return {Fault::unavailable, "OpenSSL could not make the certificate"}; }

system_clock::time_point time_of(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? system_clock::from_time_t(timegm(&parts))
                                            : system_clock::time_point{};
}

void add_name(const GENERAL_NAME& name, CertificateFacts& facts) {
  if (name.type == GEN_DNS) {
    const auto* const text = ASN1_STRING_get0_data(name.d.dNSName);
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(name.d.dNSName));
    // A zero inside would end the name for other readers.
    const std::string dns(reinterpret_cast<const char*>(text), size);
    if (dns.find('\0') == std::string::npos) facts.dns_names.push_back(dns);
  } else if (name.type == GEN_IPADD && ASN1_STRING_length(name.d.iPAddress) == 4) {
    const auto* const bytes = ASN1_STRING_get0_data(name.d.iPAddress);
    facts.addresses.push_back(std::to_string(bytes[0]) + "." + std::to_string(bytes[1]) + "." +
                              std::to_string(bytes[2]) + "." + std::to_string(bytes[3]));
  }
}

}  // namespace

Result<Credential> make_authority(const std::string& name, const Validity& validity) {
  const QuietErrors quiet;
  const Key key(EVP_EC_gen("P-256"));
  const auto certificate = begin_certificate(name, key, validity);
  X509* const raw = certificate.get();
  const bool made = certificate && X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1 &&
                    extend(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    extend(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    extend(raw, raw, NID_subject_key_identifier, "hash") &&
                    X509_sign(raw, key.get(), EVP_sha256()) > 0;
  if (!made) return not_made();
  return as_text(certificate, key);
}

Result<Credential> issue_certificate(const Credential& authority, const std::string& name,
                                     const std::string& address, const Validity& validity) {
  const QuietErrors quiet;
  const auto issuer = parse_certificate(authority.certificate);
  const auto issuer_key = parse_key(authority.key);
  if (!issuer) return in_context("the authority's certificate", no_certificate());
  if (!issuer_key) return Error{Fault::invalid, "the authority's key is unusable"};
  if (X509_check_private_key(issuer.get(), issuer_key.get()) != 1)
    return Error{Fault::invalid, "the authority's key is not its certificate's"};
  Validity own = validity;
  own.until = std::min(own.until, time_of(X509_get0_notAfter(issuer.get())));
  const Key key(EVP_EC_gen("P-256"));
  const auto certificate = begin_certificate(name, key, own);
  X509* const raw = certificate.get();
  const std::string names = "DNS:" + name + ",IP:" + address;
  const bool made = certificate &&
                    X509_set_issuer_name(raw, X509_get_subject_name(issuer.get())) == 1 &&
                    extend(raw, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    extend(raw, issuer.get(), NID_key_usage, "critical,digitalSignature") &&
                    extend(raw, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth") &&
                    extend(raw, issuer.get(), NID_subject_alt_name, names) &&
                    extend(raw, issuer.get(), NID_subject_key_identifier, "hash") &&
                    extend(raw, issuer.get(), NID_authority_key_identifier, "keyid") &&
                    X509_sign(raw, issuer_key.get(), EVP_sha256()) > 0;
  if (!made) return not_made();
  return as_text(certificate, key);
}

Result<CertificateFacts> read_certificate(std::string_view pem) {
  const QuietErrors quiet;
  const auto certificate = parse_certificate(pem);
  if (!certificate) return no_certificate();
  CertificateFacts facts;
  facts.not_before = time_of(X509_get0_notBefore(certificate.get()));
  facts.not_after = time_of(X509_get0_notAfter(certificate.get()));
  facts.is_authority = X509_check_ca(certificate.get()) == 1;
  const Owned<GENERAL_NAMES, release_names> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i)
    add_name(*sk_GENERAL_NAME_value(names.get(), i), facts);
  return facts;
}

Result<bool> belong_together(std::string_view certificate, std::string_view key) {
  const QuietErrors quiet;
  const auto parsed = parse_certificate(certificate);
  if (!parsed) return in_context("the certificate", no_certificate());
  const auto parsed_key = parse_key(key);
  if (!parsed_key)
    return Error{Fault::invalid,
                 "the key: there is no private key in PEM, without password, in it"};
  return X509_check_private_key(parsed.get(), parsed_key.get()) == 1;
}

Result<bool> is_signed_by(std::string_view certificate, std::string_view authorities) {
  const QuietErrors quiet;
  const auto parsed = parse_certificate(certificate);
  if (!parsed) return in_context("the certificate", no_certificate());
  const Bytes bytes = reading(authorities);
  bool any = false;
  while (const auto authority = bytes ? parse_certificate(bytes.get()) : nullptr) {
    any = true;
    const bool issued = X509_check_issued(authority.get(), parsed.get()) == X509_V_OK;
    EVP_PKEY* const signer = X509_get0_pubkey(authority.get());
    if (issued && signer != nullptr && X509_verify(parsed.get(), signer) == 1) return true;
  }
  if (!any) return in_context("the authority", no_certificate());
  return false;
}

}  // namespace tandem
