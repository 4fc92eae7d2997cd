#include "reconciler/replication/copy_conditions.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/formats.h"
#include "core/spec.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::chrono::minutes kAheadMax{1};

std::string age_text(WallTime since, WallTime now) {
  return to_string(std::chrono::duration_cast<std::chrono::seconds>(
      std::max(now - since, WallTime::duration{0})));
}

}  // namespace

Condition replicated(CopyKind kind, const CopyState& state, bool held_stays) {
  Condition condition{kind == CopyKind::database ? "DatabaseReplicated" : "FilesReplicated",
                      Truth::unknown, "NotYet", "no copy has ended yet", true};
  if (!state.held_reason.empty()) {
    condition.reason = state.held_reason;
    condition.message = "no copy is made: " + state.held;
    if (held_stays) condition.status = Truth::no;
    return condition;
  }
  if (!state.last) return condition;
  const CopyTold& last = *state.last;
  // Whoever ended a run on purpose made nothing worse.
  if ((last.reason == "Cancelled" || last.reason == "Aborted") && state.past.succeeded) {
    condition.status = Truth::yes;
    condition.reason = last.reason;
    condition.message =
        "the last run was ended before its end, and changed nothing for good; the "
        "next one is made soon";
    if (!state.past.proof.empty()) condition.message += "; proven before: " + state.past.proof;
    return condition;
  }
  condition.status = last.succeeded() ? Truth::yes : Truth::no;
  condition.reason = last.succeeded() ? camel_case(copy_result_name(last.result)) : last.reason;
  condition.message = last.message;
  const std::string& proof = state.past.proof;
  if (last.result == CopyResult::partial && !proof.empty() && proof != last.message)
    condition.message += "; proven before: " + proof;
  return condition;
}

Condition data_age_met(const std::optional<WallTime>& succeeded, Duration max_age, WallTime now) {
  Condition condition{"DataAgeObjectiveMet", Truth::no, "NeverCopied",
                      "as far as is known here, the database was never copied to the secondary",
                      true};
  if (!succeeded) return condition;
  if (*succeeded > now + kAheadMax) {
    condition.status = Truth::unknown;
    condition.reason = "ClockWentBack";
    condition.message = fmt::format(
        "the last copy was made at {} by this clock, which is still to come: a clock is or was "
        "wrong; the next good copy tells anew",
        to_string(*succeeded));
    return condition;
  }
  const bool met = now - *succeeded <= max_age;
  condition.status = met ? Truth::yes : Truth::no;
  condition.reason = met ? "Fresh" : "Stale";
  condition.message = fmt::format(
      "the secondary's copy of the database is {} old, {} are allowed by "
      "spec.objectives.maxDataAge{}",
      age_text(*succeeded, now), to_string(max_age),
      met ? "" : "; see DatabaseReplicated on the primary");
  return condition;
}

}  // namespace tandem
