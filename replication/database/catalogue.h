// What there is to copy, as a server's own catalogue says: tables, columns, keys, sequences.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/pair.h"
#include "ports/database_session.h"

namespace tandem {

struct CopyColumn {
  std::string name;
  std::string type;  // "character varying(38)", "public.dialaction_action"
  bool not_null = false;
  bool generated = false;  // computed by the server: compared, not copied
  bool binary = false;     // its binary form is the same on both servers
  bool exact = false;      // its type's own hash tells values apart as their text does
  bool operator==(const CopyColumn&) const = default;
};

struct CopyTable {
  std::string name;                 // of schema public
  std::vector<CopyColumn> columns;  // by name
  std::vector<std::string> key;     // columns; empty: rows have no identity
  std::uint64_t rows_estimate = 0;
  std::uint64_t size = 0;  // with its indexes, in bytes
  bool by_record = false;  // both servers can hash its rows as they are

  const CopyColumn& column(const std::string& wanted) const;
  bool is_binary() const;
  // Whether rows can be asked for by their keys.
  bool key_has_text_form() const;
};

// PostgreSQL 14 hashes records.
inline constexpr int kRecordHashesFrom = 140'000;

struct CopySequence {
  std::string name;
  std::string owner;  // table; empty: none
};

struct Catalogue {
  std::map<std::string, CopyTable> tables;  // all of schema public, by name
  std::vector<CopySequence> sequences;
  std::map<std::string, std::string> revisions;  // of alembic_version*: what is in them
};

// Of the whole schema. `version`: of the older of the servers that hash its rows.
Result<Catalogue> read_catalogue(DatabaseSession& session, int version);

// A fingerprint of all columns and keys but those of the tables `left_out`: some bytes instead of
// all names.
Result<std::string> schema_fingerprint(DatabaseSession& session,
                                       const std::vector<std::string>& left_out);

// What is in the secondary's tables alembic_version*, of those that the primary has. not_found:
// one of them is missing.
Result<std::map<std::string, std::string>> revisions_of(DatabaseSession& session,
                                                        const Catalogue& catalogue);

// What is copied of a catalogue, and what is not.
struct Selection {
  std::vector<const CopyTable*> tables;  // by name
  std::vector<std::string> left_out;     // by name
  std::vector<std::string> unknown;      // copied all the same
  std::vector<std::string> sequences;
};
Selection select_tables(const Catalogue& catalogue, Product product,
                        const std::vector<std::string>& exclude);

// The differences that forbid a copy, a sentence each: tables and columns of the selected tables.
// Only the first kDifferencesMax are told.
inline constexpr std::size_t kDifferencesMax = 10;
std::vector<std::string> schema_differences(const Catalogue& primary, const Catalogue& secondary,
                                            Product product,
                                            const std::vector<std::string>& exclude);
// The same of alembic_version*.
std::vector<std::string> revision_differences(const Catalogue& primary, const Catalogue& secondary);

}  // namespace tandem
