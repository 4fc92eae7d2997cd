// Rows of tables that are left out, and refer to rows that the copy took away; and rows of copied
// tables that refer to tables that are left out.
//
// The copy runs without triggers, so no foreign key is looked at: what the server would have done
// by itself is done here, in the same transaction.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "replication/database/catalogue.h"

namespace tandem {

// A reference from one table's columns to another's.
struct Reference {
  std::string from, to;  // tables
  std::vector<std::string> from_columns, to_columns;
  bool clears = false;  // ON DELETE SET NULL: the row stays
};

// The secondary's foreign keys from or to a table of `left_out`.
Result<std::vector<Reference>> read_references(DatabaseSession& secondary,
                                               const std::vector<std::string>& left_out);

// How often a row taken away may take away a further one.
inline constexpr int kOrphanRoundsMax = 8;

// Takes away, or clears as its foreign key says, each row of a left-out table that refers to
// nothing in a table of `changed`, and what refers to those. The numbers of rows by table.
Result<std::map<std::string, std::uint64_t>> remove_orphans(
    DatabaseSession& secondary, const std::vector<Reference>& references,
    const std::vector<std::string>& left_out, std::set<std::string> changed);

// Rows of left-out tables that rows of `changed` refer to, and the secondary does not have. They
// come with the copy, or it would hold references that lead nowhere.
struct MissingRows {
  std::string table;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> values;
};
inline constexpr std::size_t kMissingRowsMax = 10'000;
Result<std::vector<MissingRows>> missing_rows(DatabaseSession& secondary,
                                              const std::vector<Reference>& references,
                                              const std::vector<std::string>& left_out,
                                              const std::set<std::string>& changed);

// Rows that lead nowhere, by reference ("user_line to userfeatures"), of the references between a
// table of `changed` and one that is not, none of them left out.
Result<std::map<std::string, std::uint64_t>> rows_astray(DatabaseSession& secondary,
                                                         const std::set<std::string>& changed,
                                                         const std::vector<std::string>& left_out);

}  // namespace tandem
