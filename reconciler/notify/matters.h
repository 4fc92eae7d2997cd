// What is told, and when: compares what is now with what was told. Pure; time is handed in.
//
// Level, not edge: nothing is missed because nobody looked at the moment when it changed, and
// nothing is told twice because the operator was started anew. What was told lasts (journal.h).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/failover.h"
#include "core/history.h"
#include "ports/clock.h"
#include "reconciler/notify/notice.h"

namespace tandem {

// Something besides takeovers that people are told of.
struct MatterRow {
  std::string_view name;
  std::string_view condition;  // not well: raised; well: cleared. "": see levels
  Notice::Severity severity;
  std::chrono::seconds settle;       // so long it is so before it is told
  bool shared;                       // both nodes see it: the secondary leaves it to the primary
  std::string_view raised, cleared;  // the titles
  bool advice_too = false;           // also raised where the condition is advice only
};
std::span<const MatterRow> matter_rows();

// What a node knows when it asks what to tell.
struct NotifyFacts {
  Role role = Role::off;
  NodeState state = NodeState::off;
  std::uint64_t epoch = 0;
  TakeoverCause cause = TakeoverCause::none;
  std::string peer_name;
  std::map<std::string, Condition> conditions;  // by type
  std::optional<PeerWord> peer;                 // what the other node says; nullopt: it is silent
  std::optional<TakeoverRecord> takeover;       // the last one that is known here
};

// What was told on this node, all there is to know of it after a restart.
struct ToldState {
  enum class Takeover { none, begun, serves };
  bool begun = false;  // false: nothing was ever looked at, so nothing before counts as missed
  std::uint64_t epoch = 0;
  Takeover takeover = Takeover::none;
  std::map<std::string, WallTime> raised;  // by matter, since when

  bool operator==(const ToldState&) const = default;
};
std::string_view told_name(ToldState::Takeover takeover);  // "None", "Begun", "Serves"

class Matters {
 public:
  // An all-clear has to last so long, so that one that comes and goes is not told each time.
  static constexpr std::chrono::seconds kClearSettle{60};
  // What nobody tells any more, as after a change of roles, is forgotten.
  static constexpr std::chrono::minutes kForgotten{10};
  // The primary has not told of what both see: it says nothing of it, or nothing at all.
  static constexpr std::chrono::minutes kAlone{5};

  // What is to be told now; `told` is what was, and is brought up to date. The notices have no id.
  std::vector<Notice> look(const NotifyFacts& facts, ToldState& told, Instant now, WallTime wall);

 private:
  enum class Level { unknown, raised, clear, absent };
  struct Since {
    Level level = Level::unknown;
    Instant begun{};
    std::optional<Instant> alone;  // since when it is raised and the primary does not say so
  };

  static Level level_of(const MatterRow& row, const NotifyFacts& facts);
  bool is_ours(const MatterRow& row, const NotifyFacts& facts, Since& since, Instant now) const;

  std::map<std::string_view, Since> since_;  // by matter
};

// The notices of takeover and failback; `told` is brought up to date.
std::vector<Notice> takeover_notices(const NotifyFacts& facts, ToldState& told, WallTime wall);

}  // namespace tandem
