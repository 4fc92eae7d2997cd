#include "resources/postgres_access/judgement.h"

#include <algorithm>

namespace tandem {
namespace {

using Desired = PostgresAccess::Desired;
using Observed = PostgresAccess::Observed;

constexpr std::string_view kDefaultListen = "localhost";
// What ALTER SYSTEM writes, read after all other files.
constexpr std::string_view kAutoConf = "/postgresql.auto.conf";

HbaWanted hba_wanted(const Desired& want, const Observed& seen) {
  HbaWanted wanted;
  wanted.peers = want.peers;
  wanted.method = want.method;
  wanted.admits = want.role == Role::secondary && wants_role(want, seen) && !has_foreign_role(seen);
  wanted.streams = wants_stream_role(want, seen) && !has_foreign_stream_role(seen);
  if (seen.facts) wanted.tls = seen.facts->tls ? HbaWanted::Tls::required : HbaWanted::Tls::unused;
  if (want.role == Role::secondary)
    wanted.vendor = want.vendor_copies ? HbaWanted::Vendor::present : HbaWanted::Vendor::absent;
  return wanted;
}

bool is_removed(const TextEdit& edit, std::size_t number) {
  return std::any_of(edit.removed.begin(), edit.removed.end(),
                     [&](const EditedLine& line) { return line.number == number; });
}

}  // namespace

bool wants_role(const Desired& want, const Observed& seen) {
  return want.role != Role::off && !want.released &&
         (seen.has_password || want.method == HAPair::PostgresMethod::trust);
}

bool has_foreign_role(const Observed& seen) {
  return seen.facts && seen.facts->role && !seen.facts->role->made_by_us;
}

std::vector<std::string> role_lacks(const Observed& seen, HAPair::PostgresMethod method) {
  const auto& role = seen.facts->role;
  if (!role) return {"the role"};
  std::vector<std::string> lacks;
  const auto check = [&](bool right, const char* what) {
    if (!right) lacks.emplace_back(what);
  };
  check(role->may_log_in, "LOGIN");
  check(!role->may_more, "no rights beyond replication's");
  check(role->inherits, "INHERIT");
  check(!role->expires, "no end of its validity");
  check(role->connections_max == kPostgresConnectionsMax, "its connection limit");
  for (const std::string& group : kPostgresGroups)
    if (!role->member_of.contains(group)) lacks.push_back("membership in " + group);
  check(role->may_set_replication_role || !seen.facts->has_parameter_grants(),
        "SET on session_replication_role");
  check(seen.password_holds || (!seen.has_password && method == HAPair::PostgresMethod::trust),
        "the password of the pair");
  return lacks;
}

bool gives_stream(const Desired& want) {
  return want.role == Role::primary && want.streams && !want.released;
}

bool wants_stream_role(const Desired& want, const Observed& seen) {
  return gives_stream(want) && wants_role(want, seen);
}

bool has_foreign_stream_role(const Observed& seen) {
  return seen.facts && seen.facts->stream_role && !seen.facts->stream_role->made_by_us;
}

std::vector<std::string> stream_role_lacks(const Observed& seen, HAPair::PostgresMethod method) {
  const auto& role = seen.facts->stream_role;
  if (!role) return {"the role"};
  std::vector<std::string> lacks;
  const auto check = [&](bool right, const char* what) {
    if (!right) lacks.emplace_back(what);
  };
  check(role->may_stream, "LOGIN and REPLICATION");
  check(!role->may_more, "no rights beyond those");
  check(role->reads_stats, "membership in pg_read_all_stats");
  check(role->connections_max == kStreamConnectionsMax, "its connection limit");
  check(
      seen.stream_password_holds || (!seen.has_password && method == HAPair::PostgresMethod::trust),
      "the password made of the pair's");
  return lacks;
}

bool wants_to_be_reached(const Desired& want) {
  return (want.role == Role::secondary && !want.released) || gives_stream(want);
}

namespace {

constexpr const char* kWalLevel = "wal_level";

// What counts of a setting, our own line left aside; empty: nothing sets it.
std::string base_of(const Observed& seen, const std::string& name) {
  std::string value;
  const auto found = seen.facts->wal_settings.find(name);
  if (found == seen.facts->wal_settings.end()) return value;
  const auto ours = own_setting_lines(*seen.conf.text, name);
  for (const auto& setting : found->second) {
    const bool own = setting.file == seen.conf_as_told &&
                     std::find(ours.begin(), ours.end(), setting.line) != ours.end();
    if (!own) value = setting.value;
  }
  return value;
}

TextEdit with(TextEdit first, TextEdit second) {
  first.text = std::move(second.text);
  first.removed.insert(first.removed.end(), second.removed.begin(), second.removed.end());
  first.added.insert(first.added.end(), second.added.begin(), second.added.end());
  return first;
}

}  // namespace

bool keeps_wal(const Desired& want, const Observed& seen) {
  if (gives_stream(want) || !seen.conf.text) return false;
  if (own_setting_lines(*seen.conf.text, kWalLevel).empty()) return false;
  return !seen.facts || seen.facts->stream_slots + seen.facts->other_slots > 0;
}

TextEdit judge_wal(const Desired& want, const Observed& seen, TextEdit edit) {
  if (!seen.conf.text) return edit;
  const bool gives = gives_stream(want);
  if ((gives && !seen.facts) || keeps_wal(want, seen)) return edit;
  std::optional<std::string> level, kept;
  if (gives && base_of(seen, kWalLevel) != "logical") level = "logical";
  // An administrator's own bound counts.
  const std::string bound = gives ? base_of(seen, "max_slot_wal_keep_size") : "";
  if (gives && (bound.empty() || bound.starts_with('-'))) kept = kKeptWalMax;
  if (gives && !seen.facts->conf_errors.empty()) return edit;
  edit = with(edit, edit_setting(edit.text, kWalLevel, level));
  return with(edit, edit_setting(edit.text, "max_slot_wal_keep_size", kept));
}

bool lacks_logical_wal(const Desired& want, const Observed& seen) {
  return gives_stream(want) && seen.facts && seen.facts->wal_level != "logical";
}

HbaJudgement judge_hba(const Desired& want, const Observed& seen) {
  HbaJudgement judgement;
  if (!seen.hba.text) return judgement;
  const std::string& text = *seen.hba.text;
  HbaWanted wanted = hba_wanted(want, seen);
  judgement.edit = edit_hba(text, wanted);
  if (!seen.facts) return judgement;

  bool refused = false;  // one of ours, as a kill before the check may leave it
  for (const auto& error : seen.facts->hba_errors) {
    if (is_removed(judgement.edit, error.line)) continue;
    if (is_own_hba_line(text, error.line))
      refused = true;
    else
      judgement.foreign_errors.push_back(error);
  }
  if (refused) {
    wanted.admits = wanted.streams = false;
    judgement.edit = edit_hba(text, wanted);
  }
  // What the server can not read it must not be given more of; what goes may go.
  if (!judgement.foreign_errors.empty() && !judgement.edit.added.empty())
    judgement.edit = TextEdit{text, {}, {}};
  return judgement;
}

ListenJudgement judge_listen(const Desired& want, const Observed& seen) {
  ListenJudgement judgement;
  if (!seen.conf.text) return judgement;
  const std::string& text = *seen.conf.text;
  const bool ours_goes = !wants_to_be_reached(want);
  if (ours_goes || !seen.facts) {
    judgement.edit = TextEdit{text, {}, {}};
    if (ours_goes)
      judgement.edit = want.role == Role::secondary ? hand_listen_to_vendor(text)
                                                    : edit_listen(text, std::nullopt);
    return judgement;
  }

  const auto ours = own_listen_lines(text);
  PostgresFacts::Setting base;
  base.value = kDefaultListen;
  for (const auto& setting : seen.facts->listen_settings) {
    const bool own = setting.file == seen.conf_as_told &&
                     std::find(ours.begin(), ours.end(), setting.line) != ours.end();
    if (!own) base = setting;
  }
  judgement.value = base.value;
  const bool covers = listens_on(base.value, want.own_address);
  if (!covers && base.file.ends_with(kAutoConf)) {
    judgement.elsewhere = base;
    judgement.edit = edit_listen(text, std::nullopt);
    return judgement;
  }
  std::optional<std::string> value;
  if (!covers) value = judgement.value = with_address(base.value, want.own_address);
  judgement.edit = edit_listen(text, value);
  if (!seen.facts->conf_errors.empty() && !judgement.edit.added.empty())
    judgement.edit = TextEdit{text, {}, {}};
  return judgement;
}

}  // namespace tandem
