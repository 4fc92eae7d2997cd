// Bytes as letters, after RFC 4648 section 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tandem {

// With the padding.
std::string to_base64(std::string_view bytes);

// nullopt: a character that does not belong there, or a length that none has. The padding may be
// missing, as in fingerprints.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace tandem
