#include "reconciler/replication/carry.h"

#include <fmt/format.h>

#include <utility>

namespace tandem {
namespace {

// The service did not say what is to become of this one: it waits for the next time.
bool leaves_it(const Error& error) {
  return error.fault != Fault::not_found && error.fault != Fault::invalid;
}

// Nor will it answer the next one.
bool ends_all(const Error& error) {
  return error.fault == Fault::denied || error.fault == Fault::connection_refused;
}

void count(const FeatureChange& change, CarryTold& told) {
  if (change.state == "conflict") ++told.conflicts;
  if (change.state == "gone") ++told.gone;
  if (change.state == "applied") ++(change.message.empty() ? told.applied : told.already);
}

}  // namespace

CarryStep carry_step(const FeatureChange& change, const FeatureValue& current, bool force) {
  using What = CarryStep::What;
  if (current == change.secondary) return {What::nothing, "the primary has it already"};
  if (force) return {What::write, ""};
  if (!(current == change.primary))
    return {What::conflict, fmt::format("on the primary it is {} now, and was {} when it was kept",
                                        describe(change.feature, current),
                                        describe(change.feature, change.primary))};
  if (!change.primary_moved)
    return {What::conflict,
            "whether the primary changed this user after the last copy is not known"};
  if (*change.primary_moved)
    return {What::conflict, "the primary changed this user after the last copy"};
  return {What::write, ""};
}

std::string describe(const CarryTold& told) {
  std::string text =
      fmt::format("{} {} carried back", told.applied, told.applied == 1 ? "change" : "changes");
  if (told.already > 0) text += fmt::format(", {} were there already", told.already);
  if (told.conflicts > 0) text += fmt::format(", {} left for a person to decide", told.conflicts);
  if (told.gone > 0) text += fmt::format(", {} of users who are gone", told.gone);
  if (told.left > 0) text += fmt::format(", {} left for the next time", told.left);
  if (!told.error.empty()) text += ": " + told.error;
  return text;
}

std::vector<FeatureChange> changes_for(const Divergence& divergence, const CarryOrder& order) {
  std::set<std::int64_t> waiting;
  for (const ServedTime& time : divergence.times)
    if (time.waits()) waiting.insert(time.id);
  std::vector<FeatureChange> found;
  for (const FeatureChange& change : divergence.changes)
    if (waiting.contains(change.served) && change.waits() &&
        (order.anew || change.state == "pending") &&
        order.groups.contains(std::string(group_of(change.feature))) &&
        (!order.user || *order.user == change.user_uuid))
      found.push_back(change);
  return found;
}

Task<Status> Carrier::carry_one(FeatureChange& change, bool force) {
  const auto current = co_await parts_.settings.get(change.user_uuid, change.feature);
  if (!current.ok()) co_return current.error();
  CarryStep step = carry_step(change, current.value(), force);
  if (step.what == CarryStep::What::write) {
    const Status put =
        co_await parts_.settings.put(change.user_uuid, change.feature, change.secondary);
    if (!put.ok()) co_return put.error();
  }
  change.state = step.what == CarryStep::What::conflict ? "conflict" : "applied";
  change.message = std::move(step.message);
  co_return success();
}

Task<Result<CarryTold>> Carrier::carry(const Divergence& divergence, SqlTarget secondary,
                                       CarryOrder order) {
  CarryTold told;
  std::vector<FeatureChange> changes = changes_for(divergence, order);
  const Instant limit = parts_.clock.now() + kOrderMax;
  told.left = static_cast<int>(changes.size());
  int failures = 0;  // in a row
  for (FeatureChange& change : changes) {
    if (parts_.clock.now() >= limit || !parts_.goes_on()) break;
    const Status done = co_await carry_one(change, order.force);
    if (!done.ok() && leaves_it(done.error())) {
      told.error = done.error().message;
      if (ends_all(done.error()) || ++failures == kFailuresInARow) break;
      continue;
    }
    failures = 0;
    if (!done.ok()) {
      const bool gone = done.error().fault == Fault::not_found;
      change.state = gone ? "gone" : "conflict";
      change.message = gone ? "the primary has no such user" : done.error().message;
    }
    change.by = order.by;
    const Status kept = co_await keep_carried(parts_.sql, secondary, change);
    if (!kept.ok()) co_return kept.error();
    count(change, told);
    --told.left;
  }
  co_return told;
}

}  // namespace tandem
