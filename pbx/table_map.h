// Which tables of the vendor's database the secondary gets, by product, and why others not.
//
// What is not named here is copied: a new release brings new tables, and a table that is missing on
// the secondary is worse than one too many.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/pair.h"

namespace tandem {

struct LeftOutRule {
  std::string_view pattern;  // a name; with a `*` at its end: all that begin so
  std::string_view except;   // of these the ones that are copied all the same, names between '|'
  bool in_wazo;
  bool in_xivo;
  bool by_vendor;        // the vendor's own copy leaves them out too
  std::string_view why;  // "they are left out: ..."
};

std::span<const LeftOutRule> left_out_rules();

// Why a table of schema `public` is not copied; nullopt: it is. `exclude` is the declaration's
// replication.database.excludeTables: "table" or "public.table".
std::optional<std::string_view> left_out_because(Product product, std::string_view table,
                                                 const std::vector<std::string>& exclude);

// Whether a table says who and what there is to be called: if it shrinks too far, the copy waits
// for a person.
bool is_identity_table(Product product, std::string_view table);
std::vector<std::string_view> identity_tables(Product product);

// Whether a table was known when this program was made; a stranger is copied, and told once. No
// list of XiVO's tables is at hand: there all are taken for known.
bool is_known_table(Product product, std::string_view table);

// The revisions of the schema by the vendor's migrations. They belong to each node, and must be
// the same on both.
bool is_schema_revision_table(std::string_view table);

// Of the table with one row that tells whether the wizard has passed.
inline constexpr std::string_view kInfosTable = "infos";
inline constexpr std::string_view kConfiguredColumn = "configured";

}  // namespace tandem
