// Absolute http and https URLs, taken apart and put together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tandem {

struct Url {
  std::string scheme;      // "http" or "https"
  std::string host;        // a name or an address, in lower case; IPv6 in brackets
  std::uint16_t port = 0;  // the scheme's own where the text names none
  std::string path;        // begins with a slash, percent-encoded
  std::string query;       // behind the `?`, percent-encoded

  // "scheme://host:port", always with the port: what a connection is kept by.
  std::string origin() const;

  bool operator==(const Url&) const = default;
};

// Strict: no user information, no fragment, and only characters a URL may have. The error never
// repeats the text, for it may hold a secret.
Result<Url> parse_url(std::string_view text);

// Everything but letters, digits and `-._~` as %XX: fit for one path segment or one query value.
std::string percent_encode(std::string_view text);

}  // namespace tandem
