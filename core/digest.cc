#include "core/digest.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

namespace tandem {

std::string sha256(std::string_view text) {
  std::string digits;
  for (const char byte : sha256_bytes(text))
    digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return digits;
}

std::string sha256_bytes(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return {digest.begin(), digest.end()};
}

}  // namespace tandem
