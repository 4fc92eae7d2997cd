// The body of the loop, for every resource: observe, diff, apply each step, observe again; then the
// diff must be empty.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/report.h"
#include "resources/resource.h"

namespace tandem {

// What a pass may do.
struct Permission {
  bool act = false;                           // false: observe and report only
  Reach allow = Reach::none;                  // the furthest reach of a change made now
  bool requested = false;                     // `apply --now`, not spec.changes.allow, says so
  std::string why_not;                        // for `act` false: the sentence that the report shows
  Outcome outcome_if_not = Outcome::drifted;  // or contested

  static Permission observe_only(std::string why) {
    return {false, Reach::none, false, std::move(why), Outcome::drifted};
  }
  static Permission up_to(Reach reach) { return {true, reach, false, "", Outcome::drifted}; }
  static Permission on_request(Reach reach) { return {true, reach, true, "", Outcome::drifted}; }
};

namespace detail {

inline Reach furthest(const std::vector<Change>& changes) {
  Reach reach = Reach::none;
  for (const Change& change : changes) reach = std::max(reach, change.reach);
  return reach;
}

template <class Step>
std::vector<Change> describe_all(const std::vector<Step>& steps) {
  std::vector<Change> all;
  for (const Step& step : steps)
    for (Change& change : describe(step)) all.push_back(std::move(change));
  return all;
}

template <class R>
std::optional<std::string> deferral(const Goal& goal) {
  if constexpr (requires { R::deferral(goal); }) return R::deferral(goal);
  return std::nullopt;
}

template <class R>
constexpr bool steps_are_independent() {
  if constexpr (requires { R::steps_are_independent; }) return R::steps_are_independent;
  return false;
}

// How far the resource may go: some things are only done on request.
template <class R>
Reach reach_of(const Permission& permission) {
  if constexpr (requires { R::furthest_on_request; })
    if (!permission.requested) return std::min(permission.allow, Reach::restart);
  return permission.allow;
}

template <class R>
std::vector<Condition> conditions(const Goal& goal, const typename R::Observed& seen) {
  if constexpr (requires { R::conditions(goal, seen); }) return R::conditions(goal, seen);
  return {};
}

template <class R>
std::optional<Error> unseen(const Goal& goal, const typename R::Observed& seen) {
  if constexpr (requires { R::unseen(goal, seen); }) return R::unseen(goal, seen);
  return std::nullopt;
}

// A part that nobody could look at is not in order: only a failure that is told already says more.
inline void admit(Report& report, std::optional<Error> unseen) {
  if (!unseen || report.outcome == Outcome::failed) return;
  report.outcome = Outcome::failed;
  report.error = std::move(unseen);
  report.seen_in_part = true;
  report.note.clear();
}

// What one look found, before anything is done about it.
template <class R>
struct Found {
  Report report;
  bool seen = false;  // else the report says why not
  std::vector<typename R::Step> steps;
  std::optional<Error> unseen;
};

template <class R>
Task<Found<R>> look(R& resource, const Goal& goal) {
  Found<R> found;
  found.report.resource = R::name;
  const auto seen = co_await resource.observe(goal);
  if (!seen.ok()) {
    found.report.error = seen.error();
    co_return found;
  }
  found.seen = true;
  found.report.conditions = conditions<R>(goal, seen.value());
  found.steps = R::diff(R::desired(goal), seen.value());
  found.report.drift = describe_all(found.steps);
  found.report.left = found.report.drift;
  found.unseen = unseen<R>(goal, seen.value());
  co_return found;
}

// What came of the steps: the first error, and why no further one was begun.
struct Applied {
  std::optional<Error> failed;
  std::optional<Permission> closed;
};

// Applies what may be applied now.
template <class R>
Task<Applied> apply_all(R& resource, const std::vector<typename R::Step>& steps, Reach allow,
                        const std::function<std::optional<Permission>()>& closed, Report& report) {
  Applied result;
  for (const auto& step : steps) {
    std::vector<Change> changes = describe(step);
    if (furthest(changes) > allow) continue;
    if (closed) result.closed = closed();
    if (result.closed) break;
    const Status applied = co_await resource.apply(step);
    if (!applied.ok()) {
      if (!result.failed) result.failed = applied.error();
      if (!steps_are_independent<R>()) break;
      continue;
    }
    for (Change& change : changes) report.done.push_back(std::move(change));
  }
  co_return result;
}

// The outcome after the second look. Whatever is left within our reach is a failure: a repair that
// does not hold must never be reported as done.
inline void conclude(Report& report, Reach allow, Applied applied) {
  const bool within_reach = std::any_of(report.left.begin(), report.left.end(),
                                        [&](const Change& c) { return c.reach <= allow; });
  if (applied.failed) {
    report.outcome = Outcome::failed;
    report.error = std::move(applied.failed);
  } else if (within_reach && applied.closed) {
    report.outcome = applied.closed->outcome_if_not;
    report.note = applied.closed->why_not;
  } else if (within_reach) {
    report.outcome = Outcome::failed;
    report.error =
        Error{Fault::unavailable, "still different after the repair: " + report.left.front().field};
  } else if (!report.left.empty()) {
    report.outcome = Outcome::waiting;
    report.note = "reaches beyond spec.changes.allow; run: tandem apply --now";
  } else {
    report.outcome = report.done.empty() ? Outcome::in_sync : Outcome::repaired;
  }
}

}  // namespace detail

// Asked by a pass that found something to change and may.
struct Turn {
  // Waits until others that go before it have been through. nullopt: it did not wait, and may act
  // on what was found. Otherwise what it may do now; it looks once more before it does.
  std::function<Task<std::optional<Permission>>()> await = {};
  // Asked before each step: why nothing may be changed any more. A look may take long, and
  // a step too: an order to suspend, or an upgrade, that comes meanwhile ends the repair between
  // two steps.
  std::function<std::optional<Permission>()> closed = {};
};

// Never throws; whatever goes wrong is in the report. `goal` and `resource` outlive the task.
template <Resource R>
Task<Report> reconcile(R& resource, const Goal& goal, Permission permission, Turn turn) {
  const auto want = R::desired(goal);
  auto found = co_await detail::look(resource, goal);
  const auto deferred = detail::deferral<R>(goal);
  if (turn.await && !deferred && permission.act && !found.steps.empty()) {
    auto then = co_await turn.await();
    if (then) {
      permission = std::move(*then);
      auto anew = co_await detail::look(resource, goal);
      found = std::move(anew);
    }
  }
  Report report = std::move(found.report);
  if (!found.seen) co_return report;

  if (deferred) {
    report.outcome = report.drift.empty() ? Outcome::in_sync : Outcome::deferred;
    report.note = report.drift.empty() ? "" : *deferred;
    detail::admit(report, std::move(found.unseen));
    co_return report;
  }
  if (found.steps.empty() || !permission.act) {
    // A step without a line is our own bookkeeping: it waits, and nothing has drifted.
    report.outcome = report.drift.empty() ? Outcome::in_sync : permission.outcome_if_not;
    report.note = report.drift.empty() ? "" : permission.why_not;
    detail::admit(report, std::move(found.unseen));
    co_return report;
  }

  const Reach allow = detail::reach_of<R>(permission);
  auto applied = co_await detail::apply_all(resource, found.steps, allow, turn.closed, report);
  auto again = co_await resource.observe(goal);
  if (again.ok()) {
    report.left = detail::describe_all(R::diff(want, again.value()));
    report.conditions = detail::conditions<R>(goal, again.value());
    found.unseen = detail::unseen<R>(goal, again.value());
  } else if (!applied.failed) {
    applied.failed = again.error();
  }
  detail::conclude(report, allow, std::move(applied));
  detail::admit(report, std::move(found.unseen));
  co_return report;
}

// No default argument: `Turn` is an aggregate, and g++ 12 miscompiles one that is made within an
// expression with co_await.
template <Resource R>
Task<Report> reconcile(R& resource, const Goal& goal, Permission permission) {
  return reconcile(resource, goal, std::move(permission), Turn());
}

}  // namespace tandem
