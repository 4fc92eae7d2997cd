// What a copy takes away from the secondary is kept there, so that it can be put back: a
// generation, in the schema tandem_undo of the secondary's database, written in the copy's own
// transaction. So a copy and its generation are both there or both not.
//
// A row is kept as its text, as PostgreSQL's own output functions give it under the settings of a
// copy (settings.h): what their input functions read back is the same value, of every type, which
// the proof of an undo holds to the hash. Unlike a twin table a text holds on to no type: an
// upgrade of the vendor's may change or drop what it likes, and the undo is refused then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ports/database_session.h"
#include "replication/database/comparison.h"

namespace tandem {

// An ordinary run that takes away more is not kept, and says so. A forced one, and the first one
// after a takeover, are kept whatever the size.
inline constexpr std::uint64_t kKeptRowsMax = 100'000;
inline constexpr std::uint64_t kKeptBytesMax = 64U << 20U;
// So many stay, of so much in all; the oldest go first, and the newest stays in any case.
inline constexpr int kGenerationsMax = 5;
inline constexpr std::uint64_t kGenerationsBytesMax = 256U << 20U;
// Of rows in one row of ours, as an array: few large rows are written, and deleted again, sooner
// than many small ones.
inline constexpr std::uint64_t kKeptChunkBytes = 256U << 10U;
// Of an order, in a generation or a hold.
inline constexpr std::size_t kUndoTextMax = 500;

// A table of a generation that is being written.
struct KeptTable {
  std::int64_t generation = 0;
  int place = 0;
};

// `deletion`, a DELETE from the table without RETURNING, made to keep what it takes away. It
// answers one row: the number of rows, and their bytes.
std::string keeping(const std::string& deletion, const CopyTable& table, const KeptTable& kept);
// Keeps the keys of rows that are about to come: an undo takes those away again.
std::string keep_keys_statement(const CopyTable& table, const std::vector<RowKey>& keys,
                                const KeptTable& kept);

// The columns of a table in their own order, a line each, as an expression: by that it is seen
// whether a kept text can still be read.
std::string columns_expression(const std::string& table);
// What a proof of this table was made by; with another one it can not be compared.
std::string proof_fingerprint(const CopyTable& table);
// "300 0123456789abcdef fedcba9876543210"
std::string to_text(const RowsHash& hash);

// One that is being written.
struct GenerationDraft {
  struct Table {
    const CopyTable* table = nullptr;
    bool whole = false;
    std::optional<RowsHash> before;  // nullopt: it was not hashed, and has a key
    RowsHash after{};
  };
  bool open = false;
  bool in_any_case = false;
  std::int64_t number = 0;
  std::string cause;
  std::vector<Table> tables;  // by place
  std::uint64_t rows = 0, bytes = 0;
};

// Makes the schema where it is missing.
Status make_undo_schema(DatabaseSession& secondary);

// Begins one. `epoch`: of the secondary, by which the first copy after a takeover is known.
// `forced`: the reason of the order's --force.
struct GenerationOrder {
  std::int64_t epoch = 0;
  bool ordered = false;
  std::optional<std::string> forced;
};
Result<GenerationDraft> open_generation(DatabaseSession& secondary, const GenerationOrder& order);

// Finishes it, before sequences are moved: `sequences` are those that will be. The oldest
// generations go.
Status close_generation(DatabaseSession& secondary, const GenerationDraft& draft,
                        const std::vector<std::string>& sequences);

// Of a run that is not kept: what is kept of earlier ones fits no more either.
Status drop_generations(DatabaseSession& secondary);

// So much a table takes, in bytes, without its indexes.
Result<std::uint64_t> table_size(DatabaseSession& session, const std::string& table);

}  // namespace tandem
