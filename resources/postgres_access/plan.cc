#include <fmt/format.h>

#include <cstdlib>

#include "pbx/ha_files.h"
#include "pbx/postgres_password.h"
#include "resources/postgres_access/judgement.h"
#include "resources/postgres_access/postgres_access.h"

namespace tandem {
namespace {

using Desired = PostgresAccess::Desired;
using Observed = PostgresAccess::Observed;
using Step = PostgresAccess::Step;
using Steps = std::vector<Step>;
using enum Step::Verb;

std::string_view why_lines(const Desired& want) {
  switch (want.role) {
    case Role::off: return "spec.enabled is false: nobody connects because of a pair";
    case Role::primary:
      return want.streams
                 ? "spec.primary is this node: the other node fetches the stream, and no more"
                 : "spec.primary is this node: the other node has no business here";
    case Role::secondary: break;
  }
  return want.vendor_copies
             ? "spec.secondary is this node: the primary connects, the vendor's copy too"
             : "spec.secondary is this node: the primary connects, and only by the declared method";
}

std::string_view why_listen(const Desired& want) {
  if (want.released && want.role == Role::secondary)
    return "the vendor's copy comes over the network, by the vendor's own line";
  if (gives_stream(want))
    return "replication.database.mode is stream: the secondary's server fetches it from this one";
  return want.role == Role::secondary
             ? "the primary connects to the declared address of this node"
             : "the server listens again as it did before this node was a secondary";
}

// All of it reaches further than a file: a role is in the running server at once, and rules that
// were only written would come into force with the next reload by anybody.
Step writing(const PostgresAccess::File& file, const TextEdit& edit, std::string_view why) {
  Step step;
  step.verb = write;
  step.path = file.path;
  step.before = *file.text;
  step.content = edit.text;
  step.adds = !edit.added.empty();
  for (const EditedLine& line : edit.removed)
    step.changes.push_back({fmt::format("{}:{}", file.path, line.number), excerpt(line.text),
                            "absent", "nothing before the reload", std::string(why),
                            Reach::reload});
  for (const EditedLine& line : edit.added)
    step.changes.push_back({fmt::format("{}:{}", file.path, line.number), "absent", line.text,
                            "nothing before the reload", std::string(why), Reach::reload});
  return step;
}

void plan_role(Steps& steps, const Desired& want, const Observed& seen) {
  if (!seen.facts || has_foreign_role(seen)) return;
  if (want.role == Role::off || want.released) {
    if (!seen.facts->role) return;
    Step step;
    step.verb = drop_role;
    step.changes.push_back({"role tandem", "present", "absent", "its own sessions end",
                            want.released ? "the node is given back to the vendor's mechanism"
                                          : "spec.enabled is false: nothing replicates",
                            Reach::reload});
    steps.push_back(std::move(step));
    return;
  }
  // Without the vendor's own role there is no database to work in yet: the conditions tell.
  if (!wants_role(want, seen) || seen.facts->groups != kPostgresGroups) return;
  const auto lacks = role_lacks(seen, want.method);
  if (lacks.empty()) return;
  Step step;
  step.verb = make_role;
  step.parameter_grants = seen.facts->has_parameter_grants();
  step.changes.push_back(
      {"role tandem", seen.facts->role ? fmt::format("lacks {}", fmt::join(lacks, ", ")) : "absent",
       "may do replication's work and no more", "nothing",
       "replication works with a role of its own, on both nodes", Reach::reload});
  steps.push_back(std::move(step));
}

void plan_stream_role(Steps& steps, const Desired& want, const Observed& seen) {
  if (!seen.facts || has_foreign_stream_role(seen)) return;
  Step step;
  if (!gives_stream(want)) {
    if (!seen.facts->stream_role && seen.facts->stream_slots == 0) return;
    step.verb = drop_stream;
    step.changes.push_back({"role tandem_stream", "present, with its slots", "absent",
                            "the stream to the secondary ends",
                            "this node gives no stream: replication.database.mode, and the role",
                            Reach::reload});
    steps.push_back(std::move(step));
    return;
  }
  if (!wants_stream_role(want, seen)) return;
  const auto lacks = stream_role_lacks(seen, want.method);
  if (lacks.empty()) return;
  step.verb = make_stream_role;
  step.changes.push_back(
      {"role tandem_stream",
       seen.facts->stream_role ? fmt::format("lacks {}", fmt::join(lacks, ", ")) : "absent",
       "may fetch the stream of the database and no more", "nothing",
       "replication.database.mode is stream", Reach::reload});
  steps.push_back(std::move(step));
}

void plan_files(Steps& steps, const Desired& want, const Observed& seen, const HbaJudgement& hba,
                const ListenJudgement& listen) {
  if (seen.conf.text)
    if (const TextEdit edit = judge_wal(want, seen, listen.edit); edit.changes())
      steps.push_back(writing(seen.conf, edit, why_listen(want)));
  if (seen.hba.text && hba.edit.changes())
    steps.push_back(writing(seen.hba, hba.edit, why_lines(want)));
}

// The server has read its files before the last change of one of them.
bool is_unread(const Desired& want, const Observed& seen) {
  return want.role == Role::secondary &&
         (seen.hba.modified > seen.facts->loaded || seen.conf.modified > seen.facts->loaded);
}

void plan_reload(Steps& steps, const Desired& want, const Observed& seen, const HbaJudgement& hba) {
  if (!seen.facts || !hba.foreign_errors.empty()) return;
  const bool writes =
      std::any_of(steps.begin(), steps.end(), [](const Step& step) { return step.verb == write; });
  if (!writes && !seen.reload_due && !is_unread(want, seen)) return;
  Step step;
  step.verb = reload;
  step.changes.push_back({"rules of the server", "of the files before", "of the files now",
                          "sessions go on, new ones go by the new rules",
                          "the server reads its files only when it is told", Reach::reload});
  steps.push_back(std::move(step));
}

void plan_restart(Steps& steps, const Desired& want, const Observed& seen, const HbaJudgement& hba,
                  const ListenJudgement& listen) {
  if (!wants_to_be_reached(want) || !want.standing_by || !seen.facts) return;
  // It would not come up again from files that it can not read.
  if (!hba.foreign_errors.empty() || !seen.facts->conf_errors.empty()) return;
  Step step;
  step.verb = restart;
  if (lacks_logical_wal(want, seen))
    step.changes.push_back(
        {"wal_level of the running server", seen.facts->wal_level, "logical",
         "the database is away for some seconds; services that use it answer 503",
         "the log can be streamed only after a restart", Reach::restart});
  const bool deaf = !listens_on(seen.facts->listens, want.own_address) && !listen.elsewhere &&
                    listens_on(listen.value, want.own_address);
  if (!deaf) {
    if (!step.changes.empty()) steps.push_back(std::move(step));
    return;
  }
  step.changes.push_back({"listen_addresses of the running server",
                          fmt::format("'{}'", seen.facts->listens),
                          fmt::format("'{}'", listen.value),
                          "the database is away for some seconds; services that use it answer 503",
                          "it listens on another address only after a restart", Reach::restart});
  steps.push_back(std::move(step));
}

}  // namespace

std::vector<Step> PostgresAccess::diff(const Desired& want, const Observed& seen) {
  const HbaJudgement hba = judge_hba(want, seen);
  const ListenJudgement listen = judge_listen(want, seen);
  Steps steps;
  const bool admits = want.role == Role::secondary && !want.released;
  if (admits) plan_role(steps, want, seen);
  // What is let in has its role first, and what goes is ended first.
  plan_stream_role(steps, want, seen);
  plan_files(steps, want, seen, hba, listen);
  plan_reload(steps, want, seen, hba);
  if (!admits) plan_role(steps, want, seen);
  plan_restart(steps, want, seen, hba, listen);
  return steps;
}

std::vector<Change> describe(const PostgresAccess::Step& step) { return step.changes; }

}  // namespace tandem
