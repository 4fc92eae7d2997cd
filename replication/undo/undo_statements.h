// What an undo asks of the secondary for one table, and how it names what is in its way.
#pragma once

#include <cstdint>
#include <string>

#include "replication/database/catalogue.h"

namespace tandem {

// Takes away the rows that the copy had brought: all of them, or those whose keys were kept.
std::string removal_statement(const CopyTable& table, bool whole, std::int64_t generation,
                              int place);
// Puts back those that it had taken away.
std::string return_statement(const CopyTable& table, std::int64_t generation, int place);

// Of two lists of columns, a line each: what was there, what is new; kDifferencesMax at most.
std::string columns_difference(const std::string& table, const std::string& kept,
                               const std::string& now);

}  // namespace tandem
