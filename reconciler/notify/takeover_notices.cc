// What is told of takeovers: that one has begun, that the node serves, that it has given back.
#include <fmt/format.h>

#include "core/spec.h"
#include "reconciler/notify/matters.h"

namespace tandem {
namespace {

using enum Notice::Severity;
using Stage = ToldState::Takeover;

// Where the state says nothing of it, as while the node finds out what runs: nullopt.
std::optional<Stage> stage_of(const NotifyFacts& facts) {
  if (facts.role == Role::primary) {
    const bool serves = facts.state == NodeState::serving || facts.state == NodeState::degraded;
    return serves ? std::optional(Stage::none) : std::nullopt;
  }
  if (facts.role != Role::secondary) return std::nullopt;
  switch (facts.state) {
    case NodeState::activating:
    case NodeState::faulted: return Stage::begun;
    case NodeState::active:
    case NodeState::failback_hold:
    case NodeState::latched:
    case NodeState::deactivating: return Stage::serves;
    case NodeState::standby:
    case NodeState::suspect:
    case NodeState::isolated: return Stage::none;
    case NodeState::off:
    case NodeState::rejoining:
    case NodeState::maintenance:
    case NodeState::serving:
    case NodeState::degraded: return std::nullopt;
  }
  return std::nullopt;  // unreachable: -Wswitch keeps the list complete
}

// A failure is worth more than what somebody ordered.
Notice::Severity severity_of(TakeoverCause cause) {
  const bool wanted = cause == TakeoverCause::ordered || cause == TakeoverCause::announced;
  return wanted ? warning : critical;
}

const TakeoverRecord* record_of(const NotifyFacts& facts, std::uint64_t epoch) {
  return facts.takeover && facts.takeover->epoch == epoch ? &*facts.takeover : nullptr;
}

std::string cause_text(const NotifyFacts& facts, const TakeoverRecord* record) {
  std::string text = fmt::format("takeover {}, cause {}", facts.epoch, cause_name(facts.cause));
  if (record != nullptr && !record->evidence.empty()) text += "; evidence: " + record->evidence;
  return text;
}

Notice notice_of(const NotifyFacts& facts, std::string matter, WallTime wall) {
  Notice notice;
  notice.at = wall;
  notice.matter = std::move(matter);
  notice.epoch = facts.epoch;
  return notice;
}

void finish(Notice& notice, std::string title, const std::string& text) {
  notice.title = one_line(title, Notice::kTitleMax);
  notice.text = one_line(text, Notice::kTextMax);
}

Notice begun(const NotifyFacts& facts, WallTime wall) {
  Notice notice = notice_of(facts, "Takeover", wall);
  notice.severity = severity_of(facts.cause);
  finish(notice, fmt::format("takes over for {}", facts.peer_name),
         cause_text(facts, record_of(facts, facts.epoch)) +
             ". Another message follows when this node serves");
  return notice;
}

Notice serving(const NotifyFacts& facts, WallTime wall) {
  Notice notice = notice_of(facts, "TakenOver", wall);
  notice.severity = severity_of(facts.cause);
  const TakeoverRecord* record = record_of(facts, facts.epoch);
  std::string text = cause_text(facts, record);
  if (record != nullptr && record->downtime)
    text += fmt::format("; SIP was away for {:.1f} s",
                        std::chrono::duration<double>(*record->downtime).count());
  else if (facts.cause != TakeoverCause::by_hand)
    text += "; for how long SIP was away is not known";
  text += facts.cause == TakeoverCause::by_hand
              ? ". Another hand started the services: `tandem ack --reason REASON` lets the "
                "failback go on"
              : ". Mend the primary; `tandem why` tells what the failback waits for";
  finish(notice, fmt::format("serves for {}", facts.peer_name), text);
  return notice;
}

// Of the takeover that was told last, which need not be the present one.
Notice given_back(NotifyFacts facts, const ToldState& told, WallTime wall) {
  facts.epoch = told.epoch;
  const bool served = told.takeover == Stage::serves;
  Notice notice = notice_of(facts, "GivenBack", wall);
  notice.phase = Notice::Phase::cleared;
  notice.severity = info;
  const TakeoverRecord* record = record_of(facts, facts.epoch);
  std::string text = fmt::format("takeover {} is over", facts.epoch);
  if (record != nullptr && record->result.starts_with("given back")) text += "; " + record->result;
  if (record != nullptr && record->ended > record->began)
    text +=
        fmt::format("; it began {} ago",
                    to_string(std::chrono::duration_cast<Duration>(
                        std::chrono::duration_cast<std::chrono::seconds>(wall - record->began))));
  const bool primary = facts.role == Role::primary;
  finish(notice,
         primary  ? std::string("this node is the primary now")
         : served ? fmt::format("has given back to {}, and stands by", facts.peer_name)
                  : fmt::format("stands by again; it did not serve for {}", facts.peer_name),
         text);
  return notice;
}

Notice unseen(const NotifyFacts& facts, WallTime wall) {
  Notice notice = notice_of(facts, "GivenBack", wall);
  notice.phase = Notice::Phase::cleared;
  finish(notice, fmt::format("had taken over for {} meanwhile, and stands by", facts.peer_name),
         fmt::format("takeover {} came and went while nobody could tell: `tandem get takeovers`",
                     facts.epoch));
  return notice;
}

}  // namespace

std::string_view told_name(ToldState::Takeover takeover) {
  switch (takeover) {
    case Stage::none: return "None";
    case Stage::begun: return "Begun";
    case Stage::serves: return "Serves";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

std::vector<Notice> takeover_notices(const NotifyFacts& facts, ToldState& told, WallTime wall) {
  std::vector<Notice> notices;
  const auto stage = stage_of(facts);
  if (!stage) return notices;
  if (*stage == Stage::none) {
    if (told.takeover != Stage::none)
      notices.push_back(given_back(facts, told, wall));
    else if (told.begun && facts.role == Role::secondary && facts.epoch > told.epoch)
      notices.push_back(unseen(facts, wall));
    told = {true, facts.epoch, Stage::none, std::move(told.raised)};
    return notices;
  }
  const bool is_new = told.takeover == Stage::none || told.epoch != facts.epoch;
  if (is_new && told.takeover != Stage::none) notices.push_back(given_back(facts, told, wall));
  if (is_new && *stage == Stage::begun) notices.push_back(begun(facts, wall));
  const bool serves = *stage == Stage::serves;
  if (serves && (is_new || told.takeover == Stage::begun)) notices.push_back(serving(facts, wall));
  // A node that fails to leave, or starts anew within its takeover, has served all the same.
  const Stage reached = !is_new && told.takeover == Stage::serves ? Stage::serves : *stage;
  told = {true, facts.epoch, reached, std::move(told.raised)};
  return notices;
}

}  // namespace tandem
