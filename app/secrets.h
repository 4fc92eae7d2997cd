// The two secrets of a node: the vendor's credentials, and the token that orders need.
#pragma once

#include <string>
#include <string_view>

#include "core/credentials.h"
#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem {

// A folder for secrets: nobody else's, where it is new.
Status make_private_folder(const std::string& folder);

// Reads the credentials file. denied: anybody but its owner may read it.
Result<Credentials> read_credentials(Filesystem& disk, const std::string& path);

// Reads the token of orders. denied: anybody but its owner may read it.
Result<std::string> read_token(Filesystem& disk, const std::string& path);

// The same, and makes a new token (256 bits of chance, mode 0600) where there is none.
Result<std::string> read_or_make_token(Filesystem& disk, const std::string& path);

// Whether the header "Authorization: Bearer TOKEN" carries this token; in a time that does not tell
// how much of it is right.
bool carries_token(std::string_view authorization, std::string_view token);

}  // namespace tandem
