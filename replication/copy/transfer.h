// Moves rows: deletes on the secondary, then COPY from server to server as a stream.
#pragma once

#include <functional>

#include "replication/database/comparison.h"
#include "replication/undo/generation.h"

namespace tandem {

// A statement on the secondary moves so much at most: by that it is short, and its end is heard of.
inline constexpr std::size_t kChunkBytes = 4U << 20U;
inline constexpr std::size_t kBatchKeys = 1'000;

struct Moved {
  std::uint64_t rows_deleted = 0, rows_copied = 0;
  std::uint64_t bytes = 0;  // of COPY data
  std::uint64_t kept_bytes = 0;
};

// The statements, for the tests to read; " where (k0, k1) in (...)".
std::string where_key_among(const CopyTable& table, const std::vector<RowKey>& keys);
std::string delete_statement(const CopyTable& table, const std::vector<RowKey>& keys);
std::string copy_out_statement(const CopyTable& table, const std::vector<RowKey>& keys,
                               bool binary);
std::string copy_in_statement(const CopyTable& table, bool binary);

// Called now and then with what was moved of this table so far.
using MoveSink = std::function<void(const Moved&)>;

// Within the secondary's transaction: makes the change. All deletes come before the first insert:
// a unique value may move from one row to another. `binary`: both servers are of one version.
// `kept`: where what is taken away is kept; nullptr: nowhere.
Result<Moved> move_rows(DatabaseSession& primary, DatabaseSession& secondary,
                        const TableChange& change, bool binary, const KeptTable* kept,
                        const MoveSink& sink);

}  // namespace tandem
