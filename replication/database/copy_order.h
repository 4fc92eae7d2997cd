// What a copy of the database is ordered to do, and what came of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/pair.h"
#include "ports/database_session.h"
#include "replication/database/counters.h"
#include "replication/database/reasons.h"

namespace tandem {

// Of one takeover more is not kept: then no copy is made until a person has said what is to become
// of it.
struct JournalLimits {
  std::uint64_t rows = 1'000'000;
  std::uint64_t bytes = 256ULL << 20U;  // with what the primary has in their place
};

struct CopyOrder {
  Product product = Product::wazo;
  SqlTarget primary, secondary;              // the role tandem's, of the two servers
  std::string pair;                          // metadata.name
  std::string primary_name, secondary_name;  // as declared
  std::vector<std::string> exclude_tables;
  int max_shrink = 50;  // percent
  // Given: only what the counters say has changed since then is looked at, and the verdict is
  // `partial`. Else everything is, and it is `equal`.
  std::optional<CopyMemory> since;
  // `--force REASON`: overrides the guards of identity and shrink.
  std::optional<std::string> force;
  // By a person: it goes on after an undo, which holds every other copy.
  bool ordered = false;
  // Sessions to each server that hash at the same time; 1 to kLanesMax.
  int lanes = 1;
  JournalLimits journal;

  // ---- with a stream (replication/stream)
  // spec.replication.database.mode is stream.
  bool streams = false;
  // The primary's, as the role that may read its stream.
  SqlTarget slots;
  // The primary's snapshot by name, which somebody else keeps; nullopt: a snapshot of its own.
  std::optional<std::string> snapshot;
  // From the commit on the secondary's subscription follows this slot, whose beginning `snapshot`
  // is; empty: it stays as it is.
  std::string slot;
  // Given: these tables alone and the sequences are looked at, and the verdict is `partial`.
  std::optional<std::set<std::string>> only;
};
inline constexpr int kLanesMax = 4;
// Of a whole run; what is longer is taken for stuck.
inline constexpr std::chrono::hours kCopyMax{1};

struct CopyFailure {
  CopyReason reason = CopyReason::failed;
  std::string detail;  // what exactly, without secrets and values of rows
};

struct TableCopied {
  std::string table;
  std::uint64_t rows_deleted = 0, rows_copied = 0;
  bool whole = false;
  bool operator==(const TableCopied&) const = default;
};

// How the stream stands at the end of a run, for the condition StreamHealthy.
struct StreamTold {
  bool runs = false;
  std::string reason;   // CamelCase
  std::string message;  // a sentence without its end
  bool operator==(const StreamTold&) const = default;
};

struct CopyOutcome {
  enum class Verdict { equal, partial, refused, failed };
  Verdict verdict = Verdict::failed;
  std::optional<CopyFailure> failure;  // of refused and failed

  // The proof. Of `partial`: of the tables that were looked at.
  std::uint64_t tables_equal = 0;
  std::string hash;  // 64 hexadecimal digits; empty where nothing was looked at

  // Rows that the secondary wrote while it served, now kept in its journal; nullopt: it was not
  // this run's to keep any. Kept even if the run fails afterwards.
  std::optional<std::uint64_t> journalled;
  std::vector<TableCopied> changed;  // committed, by table; empty: nothing was to be done
  std::map<std::string, std::uint64_t> orphans;  // rows of left-out tables, taken away or cleared
  std::uint64_t sequences_set = 0;
  std::uint64_t rows_compared = 0;
  std::uint64_t bytes = 0;  // to and from the secondary, over TCP
  std::chrono::milliseconds comparing{}, transferring{}, proving{}, total{};

  std::vector<CopyReason> overridden;         // guards that `force` silenced
  std::vector<std::string> unknown_tables;    // copied, and not known to this program
  std::vector<std::string> excluded_in_vain;  // names of excludeTables that no table has
  std::vector<std::string> shrunk;            // sentences: tables beyond maxShrink, not of identity
  std::string not_kept;  // why an undo can not take this run back; empty: it can, or need not
  // Where a stream is declared. `diverged`: sentences, of what the stream would have left different
  // for ever.
  std::optional<StreamTold> stream;
  std::vector<std::string> diverged;
  // For the next run's `since`. nullopt: the next run has to look at everything.
  std::optional<CopyMemory> memory;

  bool succeeded() const { return verdict == Verdict::equal || verdict == Verdict::partial; }
};

}  // namespace tandem
