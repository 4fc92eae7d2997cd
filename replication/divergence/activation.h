// What a secondary writes down when it begins to serve, so that afterwards its own rows are known:
// the transaction from which on what was written may be its users'. One row of `tandem.activation`
// in its own database for each time that it served.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ports/database_session.h"
#include "ports/sql.h"
#include "ports/task.h"

namespace tandem {

// Takeovers whose rows are kept; the oldest go first.
inline constexpr int kActivationsKept = 10;

// ---- transaction numbers. A row has the lower 32 bits of the one that wrote it.

// Whether a row of the transaction with these lower 32 bits may be of `since` or later, where
// `next` has not been given out yet. Numbers below 3 stand for times before all others. Wrong only
// to the safe side: a row of more than 2^32 transactions ago may be taken for a new one.
bool may_be_since(std::uint32_t row, std::uint64_t since, std::uint64_t next);
// The same as SQL: of the numbers that two expressions tell, and about a row of `alias` by what the
// server itself gives out next.
std::string may_be_since_sql(const std::string& row, std::uint64_t since, const std::string& next);
std::string may_be_since_sql(const std::string& alias, std::uint64_t since);

// ---- for the secondary's operator: its own server, its own role

// Where it can not be told by the transaction of now any more: the last one of which it is known
// that nobody was served then, as its lower 32 bits, and when that was. "" of both: none is known.
struct LastQuiet {
  std::string transaction;
  std::string at;
};
// That of the row of direction as long as it lets copies in, or else of the last proven copy. To be
// asked before the row is shut.
Task<Result<LastQuiet>> last_quiet(Sql& sql, SqlTarget own);

struct ActivationFacts {
  std::string node;
  std::int64_t epoch = 0;
  // Given: it is written later than the node began to serve.
  std::optional<LastQuiet> late;
};
// Writes the row, unless one is open already: what that one says covers this time too. After the
// row of direction was shut: a copy that ran then has ended one open before.
Task<Status> record_activation(Sql& sql, SqlTarget own, ActivationFacts facts);

// ---- for the copy

struct OpenActivation {
  std::int64_t id = 0;
  std::uint64_t transaction = 0;
};
struct ActivationSeen {
  bool kept = false;                   // the secondary keeps such rows at all
  std::optional<OpenActivation> open;  // its rows are not in the journal, and nobody gave them up
};
// Outside of a transaction, where it is not known yet whether they are kept.
Result<ActivationSeen> read_activation(DatabaseSession& secondary);

// After a copy, in its transaction: up to where of the primary's transactions it has read. What the
// primary changed later was never on the secondary.
Status write_copied(DatabaseSession& primary, DatabaseSession& secondary,
                    const std::string& system_identifier);

}  // namespace tandem
