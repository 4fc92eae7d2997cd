// A text's fingerprint, to tell whether two nodes hold the same one.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

// SHA-256, 64 lower-case hexadecimal digits.
std::string sha256(std::string_view text);

// The same as its 32 bytes.
std::string sha256_bytes(std::string_view text);

}  // namespace tandem
