// Text as mdoc wants it.
#pragma once

#include <string>
#include <string_view>

namespace tandem::mdoc {

// Plain text for a line of prose: `code` in backticks becomes bold, and nothing is taken for a
// request or an escape.
std::string prose(std::string_view text);

// Paragraphs of prose, broken into lines at the ends of sentences, as mdoc wants it.
std::string paragraphs(std::string_view text);

// A word or several as arguments of a macro.
std::string argument(std::string_view text);

// Lines shown as they are.
std::string literal(std::string_view lines);

}  // namespace tandem::mdoc
