// The contract of a resource: one thing on the node that has a desired state.
//
//   Desired desired(goal)      pure: what should be
//   Observed observe(goal)     reads the node, changes nothing
//   Steps diff(want, seen)     pure: ordered so that a stop between any two leaves a sane node
//   apply(step)                makes one step true; repeated, it does no harm
//   Changes describe(step)     pure: the lines of the plan for one step; none for bookkeeping of
//   our
//                              own, which is made whatever spec.changes.allow says
//
// A resource neither waits nor retries: it answers with a Fault, and reconciler/loop does the rest.
#pragma once

#include <concepts>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.h"
#include "core/condition.h"
#include "core/goal.h"
#include "core/result.h"
#include "ports/task.h"

namespace tandem {

template <class R>
concept Resource = requires(R& resource, const Goal& goal, const typename R::Desired& want,
                            const typename R::Observed& seen, const typename R::Step& step) {
  { R::name } -> std::convertible_to<std::string_view>;
  // Files whose change means "look again"; they may not exist yet.
  { R::watched(goal) } -> std::same_as<std::set<std::string>>;
  { R::desired(goal) } -> std::same_as<typename R::Desired>;
  { resource.observe(goal) } -> std::same_as<Task<Result<typename R::Observed>>>;
  { R::diff(want, seen) } -> std::same_as<std::vector<typename R::Step>>;
  { resource.apply(step) } -> std::same_as<Task<Status>>;
  { describe(step) } -> std::same_as<std::vector<Change>>;
};

// Further members that a resource may have:
//   static std::optional<std::string> deferral(const Goal&)
//       why drift is only reported now ("provd is stopped on a standing-by node")
//   static std::vector<Condition> conditions(const Goal&, const Observed&)
//       what else was seen that a person should know
//   static std::optional<Error> unseen(const Goal&, const Observed&)
//       what could not be looked at although the rest was: what was seen is told and mended, and
//       the resource counts as failed all the same, since nobody knows that it is as declared
//   static constexpr bool steps_are_independent
//       a failed step does not keep the later ones from being tried
//   static std::set<std::string> watched_units(const Goal&)
//       units of systemd whose change means "look again"
//   static constexpr bool furthest_on_request
//       its changes of reach telephony are made by `apply --now` alone, never by
//       spec.changes.allow
//   void heed(const Goal&)
//       the goal has changed, perhaps while a pass with the old one is under way: what takes long
//       may give way to it
//   void look_anew()
//       a person asks for a look: what this one keeps of an earlier look is asked again
//   static constexpr bool looks_afar
//       its look waits for programs or for the other node: the operator is ready without it
//   static constexpr bool follows_stance
//       it changes only what Goal::stance decides: neither spec.changes.allow nor `apply --now`
//       lets it do more or less

}  // namespace tandem
