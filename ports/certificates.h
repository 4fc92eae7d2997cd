// The pair's own certificate authority and the certificates of its two nodes. Values in, values
// out: PEM texts. OpenSSL's libcrypto stays inside the .cc.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tandem {

inline constexpr std::size_t kPemBytesMax = 64U << 10U;

// A certificate and its private key, both PEM.
struct Credential {
  std::string certificate;
  std::string key;
};

struct CertificateFacts {
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;  // IPv4
  std::chrono::system_clock::time_point not_before;
  std::chrono::system_clock::time_point not_after;
  bool is_authority = false;
};

struct Validity {
  std::chrono::system_clock::time_point from;
  std::chrono::system_clock::time_point until;
};

// A new authority, ECDSA on P-256, that may sign end entities and nothing else. unavailable: no
// randomness, or a time that a certificate can not say.
Result<Credential> make_authority(const std::string& name, const Validity& validity);

// A new key and a certificate for it, for both ends of a connection, with `name` as its DNS name
// and `address` (IPv4) beside it. It ends no later than the authority's. invalid: the authority's
// texts are unusable, or its key is not its certificate's.
Result<Credential> issue_certificate(const Credential& authority, const std::string& name,
                                     const std::string& address, const Validity& validity);

// What the first certificate of the text says. invalid: there is none.
Result<CertificateFacts> read_certificate(std::string_view pem);

// Whether the private key is the certificate's. invalid, with which of the two is unusable.
Result<bool> belong_together(std::string_view certificate, std::string_view key);

// Whether an authority of the text `authorities` signed it; the time is not looked at.
Result<bool> is_signed_by(std::string_view certificate, std::string_view authorities);

}  // namespace tandem
