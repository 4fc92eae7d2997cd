// The rows are laid out by hand: clang-format 14 crashes when it aligns such tables.
#include "reconciler/notify/matters.h"

#include <algorithm>

namespace tandem {
namespace {

using enum Notice::Severity;
using namespace std::chrono_literals;

constexpr std::string_view kIsolated = "Isolated";
constexpr std::string_view kPeerSilent = "PeerSilent";
constexpr std::string_view kDelivered = "NotificationsDelivered";
constexpr std::string_view kIsolatedText =
    "this node hears neither the primary nor a witness: it is cut off itself, and takes nothing "
    "over meanwhile. Look at its cable and its switch port, then `tandem why`";
constexpr std::string_view kNotIsolatedText = "the network answers this node again";

// clang-format off
constexpr MatterRow kRows[] = {
    {"TakeoverBlocked", "TakeoverBlocked", critical, 0s, false,
     "the primary is down, and nothing takes over", "nothing keeps a takeover back any more"},
    {"TakeoverFailed", "ActivationFailed", critical, 0s, false,
     "services do not start or stop as they should", "the services are as they should be"},
    {"FailbackLatched", "FailbackLatched", warning, 0s, false,
     "goes on serving until somebody confirms the failback", "the failback is free again"},
    {"RoleConflict", "RoleConflict", critical, 30s, true,
     "the two nodes do not agree on who is who", "the nodes agree on their roles again"},
    {kIsolated, "", critical, 30s, false,
     "this node is cut off from the network", "this node is no longer cut off"},
    {"SecondaryNotFit", "SecondaryFit", warning, 2min, false,
     "the secondary is not fit to take over", "the secondary is fit to take over again"},
    {"BoundOverObjective", "DowntimeObjectiveMet", warning, 5min, true,
     "phones may be away for longer than declared", "the bound of downtime is within its objective again",
     true},
    {"DataTooOld", "DataAgeObjectiveMet", warning, 2min, false,
     "the secondary's copy of the database is too old", "the secondary's copy of the database is recent again"},
    {kPeerSilent, "PeerLinkUp", warning, 10min, false,
     "the other operator is not heard", "the other operator is heard again"},
};
// clang-format on

bool says(const PeerWord& word, std::string_view type) {
  return std::find(word.not_well.begin(), word.not_well.end(), type) != word.not_well.end();
}

// On the secondary whose primary is silent the takeover tells more than its peer link.
bool is_told_elsewhere(const MatterRow& row, const NotifyFacts& facts) {
  return row.name == kPeerSilent && facts.role == Role::secondary &&
         facts.state != NodeState::standby && facts.state != NodeState::maintenance;
}

Notice notice_from(const MatterRow& row, const NotifyFacts& facts, Notice::Phase phase,
                   WallTime wall) {
  Notice notice;
  notice.at = wall;
  notice.matter = row.name;
  notice.phase = phase;
  const bool raised = phase == Notice::Phase::raised;
  notice.severity = raised ? row.severity : info;
  notice.title = raised ? row.raised : row.cleared;
  const auto found = facts.conditions.find(std::string(row.condition));
  if (found != facts.conditions.end())
    notice.text = one_line(found->second.message, Notice::kTextMax);
  else
    notice.text = raised ? kIsolatedText : kNotIsolatedText;
  notice.epoch = facts.epoch;
  return notice;
}

}  // namespace

std::span<const MatterRow> matter_rows() { return kRows; }

Matters::Level Matters::level_of(const MatterRow& row, const NotifyFacts& facts) {
  if (row.name == kIsolated) {
    if (facts.role != Role::secondary) return Level::absent;
    if (facts.state == NodeState::isolated) return Level::raised;
    // From Suspect it may go back at once; the others are how a start begins.
    const bool known = facts.state != NodeState::suspect && facts.state != NodeState::rejoining &&
                       facts.state != NodeState::off;
    return known ? Level::clear : Level::unknown;
  }
  const auto found = facts.conditions.find(std::string(row.condition));
  if (found == facts.conditions.end()) return Level::absent;
  // That nobody acts is declared, and no news.
  const bool is_meant = found->second.reason == "NobodyActs";
  if (found->second.advisory && (!row.advice_too || is_meant)) return Level::absent;
  if (is_well(found->second)) return Level::clear;
  if (found->second.status == Truth::unknown || is_told_elsewhere(row, facts))
    return Level::unknown;
  return Level::raised;
}

// What both nodes see is the primary's to tell, as long as it says that it sees it and that its own
// notifications arrive.
bool Matters::is_ours(const MatterRow& row, const NotifyFacts& facts, Since& since,
                      Instant now) const {
  const bool left_to_primary = row.shared && facts.role == Role::secondary;
  if (!left_to_primary) return true;
  if (facts.peer && says(*facts.peer, row.condition) && !says(*facts.peer, kDelivered)) {
    since.alone.reset();
    return false;
  }
  if (!since.alone) since.alone = now;
  return now - *since.alone >= kAlone;
}

std::vector<Notice> Matters::look(const NotifyFacts& facts, ToldState& told, Instant now,
                                  WallTime wall) {
  std::vector<Notice> notices = takeover_notices(facts, told, wall);
  for (const MatterRow& row : kRows) {
    const Level level = level_of(row, facts);
    Since& since = since_[row.name];
    if (since.level != level) since = {level, now, std::nullopt};
    const auto lasts = now - since.begun;
    const std::string name(row.name);
    const bool was_told = told.raised.contains(name);
    if (!was_told && level == Level::raised) {
      const bool ours = is_ours(row, facts, since, now);
      if (lasts < row.settle || !ours) continue;
      told.raised[name] = wall;
      notices.push_back(notice_from(row, facts, Notice::Phase::raised, wall));
    } else if (was_told && level == Level::clear && lasts >= kClearSettle) {
      told.raised.erase(name);
      notices.push_back(notice_from(row, facts, Notice::Phase::cleared, wall));
    } else if (was_told && level == Level::absent && lasts >= kForgotten) {
      told.raised.erase(name);
    }
  }
  return notices;
}

}  // namespace tandem
