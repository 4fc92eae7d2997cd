// How the harvest stands: what the API, the metrics, the conditions and the events tell of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/pair.h"
#include "replication/harvest/merge_report.h"
#include "replication/harvest/owed.h"

namespace tandem {

enum class HarvestResult { home, failed, discarded };
// "home", "failed", "discarded"
std::string harvest_result_name(HarvestResult result);

// A run has ended, or somebody gave up what was to come home.
struct HarvestTold {
  HarvestResult result = HarvestResult::failed;
  harvest::Counts counts;
  std::string reason;   // CamelCase, of failed: "MailboxInUse"
  std::string message;  // a sentence for a person
  WallTime ended{};
  std::chrono::milliseconds took{};
  std::uint64_t bytes = 0;  // brought over the network

  bool operator==(const HarvestTold&) const = default;
};

// By the label of a metric: "messages", "greetings", "recordings", "sounds".
std::map<std::string, std::uint64_t> by_kind(const harvest::Counts& counts);
// "3 messages and 1 greeting", "nothing"
std::string describe(const harvest::Counts& counts);

struct HarvestState {
  std::string peer;                           // the secondary's name
  std::optional<harvest::OwedAnswer> answer;  // of the secondary, the last one
  std::optional<std::string> unanswered;      // why it could not be asked last
  bool running = false;
  std::optional<HarvestTold> last;   // since this operator runs
  std::optional<WallTime> home;      // when the last one ended well; kept
  std::optional<std::string> lamps;  // why the phones' lamps may be wrong
  std::vector<std::string> kinds;    // of what comes home: "voicemail", ...

  bool owed() const { return answer && answer->owed.owed; }
};

// HarvestPending. `database`: what of the secondary's database waits, by whoever knows; nullopt:
// nothing.
Condition harvest_pending(const HarvestState& state, const std::optional<std::string>& database);

}  // namespace tandem
