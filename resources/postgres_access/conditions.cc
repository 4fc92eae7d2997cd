#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "resources/postgres_access/judgement.h"
#include "resources/postgres_access/postgres_access.h"

namespace tandem {
namespace {

using Desired = PostgresAccess::Desired;
using Observed = PostgresAccess::Observed;

constexpr const char* kReload = "systemctl reload postgresql.service";

// One row of the judgement: the first that holds is told.
struct Word {
  Truth status = Truth::yes;
  const char* reason = "";
  std::string message;
};
using Verdict = std::optional<Word>;

Verdict no(const char* reason, std::string message) {
  return Word{Truth::no, reason, std::move(message)};
}

bool has_need(const Desired& want, const Observed& seen) {
  return want.role == Role::secondary || wants_role(want, seen) || !want.vendor_copies;
}

Verdict unasked(const Observed& seen) {
  if (seen.facts) return std::nullopt;
  if (seen.unasked->fault == Fault::not_found || seen.unasked->fault == Fault::denied)
    return Word{Truth::unknown, "NotAsked",
                seen.unasked->message +
                    "; the operator asks by runuser and psql, as root: see that "
                    "both are there and may be run"};
  return no("ServerDown",
            seen.unasked->message + "; see: systemctl status postgresql.service, and start it");
}

Verdict missing_files(const Observed& seen) {
  if (seen.hba.path.empty()) return std::nullopt;  // only the server knows: unasked() tells
  for (const auto* file : {&seen.hba, &seen.conf})
    if (!file->text)
      return no("FilesMissing",
                fmt::format("{} is missing: PostgreSQL would not start from it; restore it from a "
                            "backup, or set spec.postgres.configDir in operator.yaml if it is "
                            "elsewhere",
                            file->path));
  return std::nullopt;
}

Verdict refused_files(const Desired& want, const Observed& seen) {
  const auto errors = judge_hba(want, seen).foreign_errors;
  if (!errors.empty())
    return no("HbaRejected",
              fmt::format("PostgreSQL can not read {}:{}: {}; it goes on with its old rules and "
                          "would not start again. Mend that line, then: {}",
                          seen.hba.path, errors.front().line, errors.front().text, kReload));
  if (!seen.facts->conf_errors.empty()) {
    const auto& error = seen.facts->conf_errors.front();
    return no("ConfRejected",
              fmt::format("PostgreSQL can not read {}:{}: {}; it would not start again. Mend that "
                          "line, then: {}",
                          error.file, error.line, error.text, kReload));
  }
  return std::nullopt;
}

Verdict password(const Desired& want, const Observed& seen) {
  if (want.role == Role::off || seen.has_password || want.method == HAPair::PostgresMethod::trust)
    return std::nullopt;
  if (seen.no_password && seen.no_password->fault != Fault::not_found)
    return no("PasswordUnusable", seen.no_password->message);
  if (want.vendor_copies) return std::nullopt;
  return no("PasswordMissing",
            "the database role has no password yet, and replication.owner is tandem; run on the "
            "primary: tandem init");
}

Verdict role(const Desired& want, const Observed& seen) {
  if (!wants_role(want, seen)) return std::nullopt;
  if (has_foreign_role(seen))
    return no("RoleNotOurs",
              "the server has a role tandem that Tandem did not make: it is neither used nor "
              "changed. Rename it: runuser -u postgres -- psql -c 'alter role tandem rename to "
              "NAME'; or hand it over: -c \"comment on role tandem is 'made by Tandem'\"");
  if (gives_stream(want) && has_foreign_stream_role(seen))
    return no(
        "RoleNotOurs",
        "the server has a role tandem_stream that Tandem did not make: it is neither used nor "
        "changed, and there is no stream. Rename it: runuser -u postgres -- psql -c 'alter "
        "role tandem_stream rename to NAME'");
  for (const std::string& group : kPostgresGroups)
    if (!seen.facts->groups.contains(group))
      return no("DatabaseMissing",
                fmt::format("the server has no role {}: the database of Wazo or XiVO is not set "
                            "up; see its installation",
                            group));
  if (!seen.facts->has_parameter_grants())
    return no("ServerTooOld",
              fmt::format("PostgreSQL {} can not give a role the right that replication needs; "
                          "that is so since 15: upgrade it",
                          seen.facts->version / 10000));
  return std::nullopt;
}

Verdict listening(const Desired& want, const Observed& seen) {
  if (!wants_to_be_reached(want) || listens_on(seen.facts->listens, want.own_address))
    return std::nullopt;
  const ListenJudgement listen = judge_listen(want, seen);
  if (listen.elsewhere)
    return no("ListenSetElsewhere",
              fmt::format("{}:{} sets listen_addresses = '{}', which counts before postgresql.conf "
                          "and leaves {} out; run: runuser -u postgres -- psql -c \"alter system "
                          "reset listen_addresses\", or add the address there",
                          listen.elsewhere->file, listen.elsewhere->line, listen.elsewhere->value,
                          want.own_address));
  if (!listen.edit.changes() && !seen.facts->awaits_restart("listen_addresses"))
    return no("NotListening",
              fmt::format("the server runs with listen_addresses = '{}' whatever its files say; "
                          "see how it is started (-c or -h), and let it listen on {}",
                          seen.facts->listens, want.own_address));
  return no("RestartNeeded", fmt::format("the server does not listen on {} before its restart; see "
                                         "PostgresRestartPending",
                                         want.own_address));
}

Verdict drift(const Desired& want, const Observed& seen) {
  for (const auto& step : PostgresAccess::diff(want, seen))
    return no("NotAsDeclared",
              fmt::format("{} is not as declared; see: tandem plan", step.changes.front().field));
  return std::nullopt;
}

Verdict other_node(const Observed& seen) {
  if (!seen.peer || seen.peer->ok()) return std::nullopt;
  const Error& error = seen.peer->error();
  if (error.fault == Fault::denied || error.fault == Fault::not_found)
    return no("PeerRefuses",
              fmt::format("the other node's PostgreSQL does not let the role tandem in: {}; see "
                          "PostgresAccessReady there: tandem status",
                          error.message));
  return Word{Truth::unknown, "PeerNotAsked",
              fmt::format("the other node's PostgreSQL could not be asked: {}; see that it runs, "
                          "listens on the declared address, and that 5432 is open between both",
                          error.message)};
}

Word well(const Desired& want, const Observed& seen) {
  if (want.role == Role::off || !has_need(want, seen))
    return {Truth::yes, "NotNeeded",
            "nobody connects to this node's PostgreSQL because of the pair"};
  if (!wants_role(want, seen))
    return {Truth::yes, "VendorOnly",
            "the vendor's copy may connect; Tandem's own role is made once there is a password: "
            "tandem init"};
  if (want.role == Role::primary)
    return {Truth::yes, "Ready",
            gives_stream(want)
                ? "the role is right, the other node lets it in, and may fetch the stream from here"
                : "the role is right, and the other node lets it in"};
  const auto others = other_vendor_addresses(seen.hba.text.value_or(""), want.peers);
  return {
      Truth::yes, "Ready",
      fmt::format("{} may connect as tandem by {}{}{}", fmt::join(want.peers, ", "),
                  want.method == HAPair::PostgresMethod::scram ? "scram-sha-256" : "trust",
                  seen.facts->tls ? " over TLS" : "; the server has no TLS (ssl is off)",
                  others.empty() ? ""
                                 : fmt::format("; lines of somebody's let {} in as the superuser "
                                               "without a password",
                                               fmt::join(others, ", ")))};
}

// Only somebody else's: ours go by themselves.
std::optional<Word> kept_wal(const Desired& want, const Observed& seen) {
  if (!seen.facts || seen.facts->other_slots == 0 || !keeps_wal(want, seen)) return std::nullopt;
  return Word{Truth::yes, "LogKeptForOthers",
              fmt::format("wal_level stays logical, though this node gives no stream: {} logical "
                          "slots of somebody else are there, and PostgreSQL would not start "
                          "without it; see: select slot_name from pg_replication_slots",
                          seen.facts->other_slots)};
}

Word judge(const Desired& want, const Observed& seen) {
  if (!seen.facts && !has_need(want, seen)) return well(want, seen);
  if (auto word = password(want, seen)) return *word;
  if (has_need(want, seen) || seen.facts)
    if (auto word = missing_files(seen)) return *word;
  if (auto word = unasked(seen)) return *word;
  if (auto word = refused_files(want, seen)) return *word;
  if (auto word = role(want, seen)) return *word;
  if (auto word = listening(want, seen)) return *word;
  if (auto word = drift(want, seen)) return *word;
  if (auto word = other_node(seen)) return *word;
  if (auto word = kept_wal(want, seen)) return *word;
  return well(want, seen);
}

Condition restart_pending(const Desired& want, const Observed& seen) {
  Condition condition{"PostgresRestartPending", Truth::no, "NothingWaits",
                      "no change of listen_addresses or wal_level waits for a restart", false};
  if (!seen.facts) {
    if (!has_need(want, seen)) return condition;
    condition.status = Truth::unknown;
    condition.reason = "NotAsked";
    condition.message = seen.unasked->message;
    return condition;
  }
  const bool level = seen.facts->awaits_restart("wal_level");
  if (!seen.facts->awaits_restart("listen_addresses") && !level) return condition;
  const bool helps =
      (wants_to_be_reached(want) && !listens_on(seen.facts->listens, want.own_address)) ||
      lacks_logical_wal(want, seen);
  const std::string what =
      level ? fmt::format(
                  "wal_level was changed and counts after a restart; the server runs with '{}'",
                  seen.facts->wal_level)
            : fmt::format(
                  "listen_addresses was changed and counts after a restart; the server "
                  "runs with '{}'",
                  seen.facts->listens);
  if (!helps) {
    // Nothing of the pair waits for it: no trouble, and worth a word.
    condition.reason = "NotUrgent";
    condition.message = what + "; when it suits: systemctl restart postgresql.service";
    return condition;
  }
  condition.status = Truth::yes;
  if (want.standing_by) {
    condition.reason = "WaitsForOrder";
    condition.message = what + "; run: tandem apply --now";
  } else {
    condition.reason = "NodeServes";
    condition.message = what +
                        "; a node that serves is not restarted by Tandem: in a quiet hour run "
                        "systemctl restart postgresql.service";
  }
  return condition;
}

}  // namespace

std::optional<Error> PostgresAccess::unseen(const Goal& goal, const Observed& seen) {
  const Desired want = desired(goal);
  // Given back, only the role is left to be looked for, and only where there may be one.
  const bool needs = want.released ? seen.has_password : has_need(want, seen);
  if (!needs || !seen.installed) return std::nullopt;
  auto word = missing_files(seen);
  if (!word || want.released) word = unasked(seen);
  // What it can not read it must not be given more of: our rule may be missing all the same.
  if (!word && !want.released) word = refused_files(want, seen);
  if (!word && !want.released && has_foreign_role(seen)) word = role(want, seen);
  if (!word) return std::nullopt;
  return Error{Fault::unavailable, std::move(word->message)};
}

std::vector<Condition> PostgresAccess::conditions(const Goal& goal, const Observed& seen) {
  const Desired want = desired(goal);
  Word word = judge(want, seen);
  return {Condition{"PostgresAccessReady", word.status, word.reason, std::move(word.message), true},
          restart_pending(want, seen)};
}

}  // namespace tandem
