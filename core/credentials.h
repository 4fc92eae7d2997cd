// Reading of credentials.yaml: what the operator shows to the vendor's services.
#pragma once

#include <string>
#include <string_view>

#include "core/spec.h"

namespace tandem {

struct Credentials {
  std::string username;
  std::string password;
  bool operator==(const Credentials&) const = default;
};

// Reads one document with exactly `username` and `password`, both text. Messages show neither
// values nor names found in the file: a password may stand where a name belongs.
Parsed<Credentials> parse_credentials(std::string_view text, std::string_view file);

}  // namespace tandem
