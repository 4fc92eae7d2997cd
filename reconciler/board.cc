#include "reconciler/board.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem {
namespace {

Condition converged(const std::vector<Board::Entry>& resources) {
  std::vector<std::string> unknown, not_settled;
  for (const auto& entry : resources) {
    if (!entry.report)
      unknown.push_back(entry.name);
    else if (!settled(entry.report->outcome))
      not_settled.push_back(
          fmt::format("{} ({})", entry.name, outcome_name(entry.report->outcome)));
  }
  Condition condition{"Converged", Truth::yes, "AllInSync",
                      "every resource is as declared, or deferred by design", true};
  if (!not_settled.empty()) {
    condition.status = Truth::no;
    condition.reason = "NotAllInSync";
    condition.message = fmt::format("not as declared: {}", fmt::join(not_settled, ", "));
  } else if (!unknown.empty()) {
    condition.status = Truth::unknown;
    condition.reason = "NotLookedYet";
    condition.message = fmt::format("not looked at yet: {}", fmt::join(unknown, ", "));
  }
  return condition;
}

}  // namespace

Board::Board(std::vector<std::string> resources) {
  for (std::string& name : resources) resources_.push_back({std::move(name), std::nullopt, {}});
}

void Board::put(Report report, WallTime when) {
  const auto at = std::find_if(resources_.begin(), resources_.end(),
                               [&](const Entry& entry) { return entry.name == report.resource; });
  if (at == resources_.end()) return;
  at->report = std::move(report);
  at->when = when;
}

void Board::drop(std::string_view type) {
  std::erase_if(conditions_,
                [&](const ConditionRecord& record) { return record.condition.type == type; });
}

bool Board::put(const Condition& condition, WallTime when) {
  const auto at = std::find_if(
      conditions_.begin(), conditions_.end(),
      [&](const ConditionRecord& record) { return record.condition.type == condition.type; });
  if (at == conditions_.end()) {
    conditions_.push_back({condition, when});
    return true;
  }
  const bool news =
      at->condition.status != condition.status || at->condition.reason != condition.reason;
  if (at->condition.status != condition.status) at->since = when;
  at->condition = condition;
  return news;
}

std::vector<Condition> Board::summary() const {
  const Condition all = converged(resources_);
  std::vector<std::string> bad;
  bool only_unknown = true;
  const auto note = [&](const Condition& condition) {
    if (is_well(condition) || condition.advisory) return;
    bad.push_back(condition.type);
    only_unknown = only_unknown && condition.status == Truth::unknown;
  };
  for (const ConditionRecord& record : conditions_)
    if (record.condition.type != "Ready" && record.condition.type != "Converged")
      note(record.condition);
  note(all);
  Condition ready{"Ready", Truth::yes, "AllWell", "every condition is well", true};
  if (!bad.empty()) {
    ready.status = only_unknown ? Truth::unknown : Truth::no;
    ready.reason = only_unknown ? "NotAllKnown" : "NotAllWell";
    ready.message = fmt::format("look at: {}", fmt::join(bad, ", "));
  }
  return {all, ready};
}

const ConditionRecord* Board::condition(std::string_view type) const {
  for (const ConditionRecord& record : conditions_)
    if (record.condition.type == type) return &record;
  return nullptr;
}

}  // namespace tandem
