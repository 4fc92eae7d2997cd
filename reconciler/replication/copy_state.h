// How the copies to the secondary stand: what the API, the metrics, the conditions and the events
// tell of them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/pair.h"
#include "ports/clock.h"

namespace tandem {

enum class CopyKind { database, files };
inline constexpr std::array kCopyKinds{CopyKind::database, CopyKind::files};
// "database", "files"
std::string_view copy_kind_name(CopyKind kind);
std::optional<CopyKind> copy_kind_of_name(std::string_view name);

// What one run came to. `equal`: all of it was seen equal on both nodes. `partial`: what had
// changed was copied, and no more was looked at. `refused`: a guard forbids it. In `refused` and
// `failed` nothing false is on the secondary: see docs/replication.md.
enum class CopyResult { equal, partial, refused, failed };
// "equal", "partial", "refused", "failed"
std::string_view copy_result_name(CopyResult result);

struct CopyTold {
  CopyKind kind = CopyKind::database;
  CopyResult result = CopyResult::failed;
  std::string reason;   // CamelCase, of refused and failed: "SecondaryServes"
  std::string message;  // a sentence for a person
  bool can_be_forced = false;
  WallTime ended{};
  std::chrono::milliseconds took{};
  std::uint64_t bytes = 0;    // over the network
  std::uint64_t changed = 0;  // rows, or files, that were sent or deleted
  // By what they came to: tables, or folders. "equal", "copied", ...
  std::map<std::string, std::uint64_t> parts{};
  // What a person should be told once: tables that nobody knows, tables that shrank.
  std::vector<std::string> notes{};

  bool succeeded() const { return result == CopyResult::equal || result == CopyResult::partial; }
  bool operator==(const CopyTold&) const = default;
};

// What became of the changes that users made on the secondary while it served.
struct DivergenceTold {
  bool warning = false;
  std::string reason;   // CamelCase
  std::string message;  // a sentence for a person
};

// What a person orders.
struct CopyOrderTyped {
  std::set<CopyKind> kinds;
  std::optional<std::string> force;  // the reason
  bool confirm_direction = false;
  std::string by;  // who, as far as is known: "root on pbx-a"
};

// How far a run is.
struct CopyMeter {
  std::string phase;   // "comparing"
  std::string object;  // the table or folder; empty: none by itself
  std::uint64_t parts_done = 0, parts = 0;
  std::uint64_t done = 0, total = 0;  // rows or bytes; `total` is an estimate, 0: not known
  std::string unit;                   // "rows", "bytes"
  std::uint64_t bytes = 0;            // over the network so far

  bool operator==(const CopyMeter&) const = default;
};

// What is kept of a kind across restarts; on the secondary it is what it holds itself.
struct CopyPast {
  std::optional<WallTime> succeeded, proven, changed;
  std::string proof;  // of the last proven run: "109 tables equal, hash 0123..."

  bool operator==(const CopyPast&) const = default;
};

struct CopyState {
  CopyPast past;
  std::optional<CopyTold> last;  // since this operator runs
  std::uint64_t number = 0;      // of the run under way, else of the last one; 0: none yet
  bool running = false;
  std::optional<Instant> next;  // nullopt: none is planned
  // Why none is made now; the reason is one CamelCase word.
  std::string held_reason, held;
};

}  // namespace tandem
