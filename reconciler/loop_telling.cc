// What the loop tells: conditions of the declaration, the gate, the resources and the others.
#include <fmt/format.h>

#include <algorithm>

#include "reconciler/loop.h"

namespace tandem {

void Loop::put(const Condition& condition) {
  if (!board_.put(condition, parts_.clock.wall())) return;
  for (Observer* observer : parts_.observers) observer->condition_changed(condition);
}

void Loop::publish(Instant now) {
  facts_.now = parts_.clock.wall();
  for (const auto& c : spec_conditions(parts_.specs.view(), parts_.specs.pair_path())) put(c);
  for (const Condition& condition : gate_conditions(facts_)) put(condition);
  // Of what is in force: a duty that is only asked for is still the vendor's.
  const SpecView& view = parts_.specs.view();
  if (view.accepted)
    for (const Condition& condition : duty_conditions(
             *view.accepted, parts_.secondary_out ? parts_.secondary_out() : std::nullopt))
      put(condition);
  else if (const HAPair* pair = view.wanted())
    for (const Condition& condition : duty_conditions_before_order(*pair)) put(condition);
  put(contested(now));
  if (goal_) put(files_watched());
  publish_also_told();
  for (const Condition& condition : board_.summary()) put(condition);
}

void Loop::publish_also_told() {
  std::set<std::string> now;
  for (const auto& teller : parts_.tellers)
    for (const Condition& condition : teller()) {
      now.insert(condition.type);
      put(condition);
    }
  for (const std::string& type : also_told_)
    if (!now.contains(type)) board_.drop(type);
  also_told_ = std::move(now);
}

Condition Loop::files_watched() const {
  const auto& error = pair_file_.error ? pair_file_.error : node_files_.error;
  if (!error)
    return {"FilesWatched", Truth::yes, "Watching",
            "a changed file is looked at within milliseconds", true};
  return {"FilesWatched", Truth::no, "PollsOnly",
          "changes are seen within 30 s only: " + error->message, true};
}

Condition Loop::contested(Instant now) const {
  Condition condition{"Contested", Truth::no, "NoFight", "no repair is undone again and again",
                      false};
  std::vector<std::string> lines;
  for (const auto& contest : schedule_.contests(now))
    lines.push_back(
        fmt::format("{}: repaired {} times in 10 minutes, and undone each time; at the "
                    "last look {}",
                    contest.name, contest.repairs, contest.evidence));
  if (lines.empty()) return condition;
  condition.status = Truth::yes;
  condition.reason = "RepairsUndone";
  condition.message = fmt::format(
      "{}. Find who else writes it: an administrator, the vendor's PUT /ha, configuration "
      "management, or a second operator",
      fmt::join(lines, "; "));
  return condition;
}

// What a resource told before is not known any more once it can not be looked at; and a condition
// that a good look does not tell has no meaning as the node now is.
void Loop::publish_of(const Report& report) {
  auto& told = told_[report.resource];
  const auto tells = [&](const std::string& type) {
    return std::any_of(report.conditions.begin(), report.conditions.end(),
                       [&](const Condition& condition) { return condition.type == type; });
  };
  if (report.outcome != Outcome::failed)
    std::erase_if(told, [&](const auto& one) {
      const bool gone = !tells(one.first);
      if (gone) board_.drop(one.first);
      return gone;
    });
  for (const Condition& condition : report.conditions) {
    told[condition.type] = condition.good_when_true;
    put(condition);
  }
  if (report.outcome != Outcome::failed || !report.conditions.empty()) return;
  for (const auto& [type, good_when_true] : told)
    put({type, Truth::unknown, "CouldNotLook", report.error->message, good_when_true});
}

}  // namespace tandem
