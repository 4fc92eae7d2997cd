// The certificates of the peer link: made and renewed on the node that keeps the authority's key.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/pair.h"
#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem {

inline constexpr const char* kPkiFolder = "/etc/tandem/pki";
inline constexpr int kNodeDays = 730;
inline constexpr int kNodeDaysMax = 3650;
inline constexpr int kAuthorityDays = 3650;

struct PkiOrder {
  std::string folder = kPkiFolder;  // made by the caller
  std::string node;                 // this one
  int days = kNodeDays;             // how long the nodes' certificates count
  WallTime now{};
};

// Makes the authority and a certificate for each node, as far as they are not there; nothing that
// is there is touched. On the node that has only its own certificate it tells so. The keys have
// mode 0600. The answer tells of each file whether it was made, until when it counts, and what to
// do next. invalid: what is there can not be used; denied, unavailable: a file can not be written.
Result<nlohmann::ordered_json> pki_init(Filesystem& disk, const HAPair& pair,
                                        const PkiOrder& order);

// Makes new keys and certificates for both nodes. Operators that run take them up by themselves.
// not_found: the authority's key is not here.
Result<nlohmann::ordered_json> pki_renew(Filesystem& disk, const HAPair& pair,
                                         const PkiOrder& order);

// Whether a path can stand in the command that is printed, in two shells, as it is.
bool is_plain_path(const std::string& path);

}  // namespace tandem
