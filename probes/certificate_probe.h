// Whether this node's certificates of the peer link are as they must be, and until when.
#pragma once

#include <string>
#include <vector>

#include "core/condition.h"
#include "core/pair.h"
#include "ports/filesystem.h"

namespace tandem {

struct CertificateExpiry {
  std::string certificate;  // "node" or "ca"
  WallTime at{};
};

struct CertificatesReading {
  Condition condition;                    // CertificatesValid
  std::vector<CertificateExpiry> expiry;  // of those that can be read
};

inline constexpr std::chrono::days kExpiryWarning{30};

// `disk` has its root at `/`, where the paths of operator.yaml are.
CertificatesReading probe_certificates(Filesystem& disk, const ListenTls& files,
                                       const std::string& node, WallTime now);

}  // namespace tandem
