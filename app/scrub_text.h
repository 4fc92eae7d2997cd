// What looks like a secret in a text of anybody's making: log, JSON, also JSON within JSON, YAML,
// command lines, headers, URLs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem {

// With `mask` for what stands behind "password=", "--token", "Authorization:" and the like, for the
// user and password of URLs, and for the paths of URLs that a message quotes. Where an unquoted
// value ends is a guess, and goes too far rather than too short: to the next blank or quote.
std::string without_telltales(const std::string& text, std::string_view mask);

// `secret` only where a value may stand: as a whole word behind a quote, ':' or '=', and no name in
// JSON. For words so short that they are part of innocent ones.
std::string without_value(const std::string& text, std::string_view secret, std::string_view mask);

// The passwords in a file of libpq's pgpass form, as they are and as they are written there.
std::vector<std::string> pgpass_passwords(std::string_view text);

}  // namespace tandem
