// SQL as a file of psql's: statement for statement, each in a transaction of its own. psql itself
// is a program whose start takes longer than most statements, and the tests have thousands.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace tandem {

// Cut at each ";" that stands outside of quotes, of a $tag$, and of comments.
std::vector<std::string> split_statements(const std::string& text);

// Runs them over a connection of its own, and returns what `psql -q -A -t` prints: a row a line,
// its fields with "|" between. Throws std::runtime_error where one fails. `as`: the user whom the
// server sees on its socket.
std::string run_statements(const std::string& conninfo, const std::string& text,
                           std::optional<uid_t> as);

}  // namespace tandem
