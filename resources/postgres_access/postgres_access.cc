#include "resources/postgres_access/postgres_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "pbx/ha_files.h"
#include "pbx/postgres_files.h"
#include "pbx/postgres_password.h"
#include "pbx/profile.h"

namespace tandem {
namespace {

using enum PostgresAccess::Step::Verb;

// The name under which a change of the files is written down until the server has read them.
const std::string kReloadDue = "reload-due";
constexpr mode_t kHbaMode = 0640;
constexpr const char* kVersionsFolder = "/etc/postgresql";
constexpr const char* kAsterisk = "asterisk.service";
constexpr std::chrono::seconds kPeerMax{5};
// What operator.yaml writes for the other node's address.

std::string first_error(const std::vector<PostgresFacts::FileError>& errors,
                        const std::string& path) {
  return fmt::format("{}:{}: {}", path, errors.front().line, errors.front().text);
}

}  // namespace

std::set<std::string> PostgresAccess::watched(const Goal& goal) {
  const auto& folder = profile_of(goal.product).postgres_config;
  if (!folder) return {};  // only the server knows: its files are looked at every 30 s
  return {*folder + "/pg_hba.conf", *folder + "/postgresql.conf"};
}

PostgresAccess::Desired PostgresAccess::desired(const Goal& goal) {
  Desired want;
  want.released = goal.released;
  want.role = goal.role;
  want.standing_by = goal.standing_by;
  want.own_address = goal.own_address;
  want.peers = goal.peer_addresses;
  if (want.peers.empty() && !goal.peer_address.empty()) want.peers.push_back(goal.peer_address);
  want.method = goal.postgres_method;
  want.vendor_copies = goal.replication_owner == Owner::vendor;
  want.streams = goal.streams;
  return want;
}

std::string PostgresAccess::under_root(const std::string& path) const {
  if (places_.root != "/" && path.starts_with(places_.root + "/"))
    return path.substr(places_.root.size());
  return path;
}

Result<PostgresAccess::File> PostgresAccess::look_at(std::string path) {
  File file;
  file.path = std::move(path);
  if (file.path.empty()) return file;
  const auto status = files_.status(file.path);
  if (!status.ok()) return status.error();
  if (!status.value()) return file;
  file.modified = status.value()->modified;
  auto text = files_.read(file.path, kPostgresFileMax);
  if (!text.ok()) return text.error();
  file.text = std::move(text).value();
  return file;
}

// Where Debian's folder of all versions is not there either, and nobody can be asked, there is
// none.
bool PostgresAccess::is_installed(const Observed& seen) const {
  if (seen.facts || seen.hba.text || seen.conf.text) return true;
  const auto versions = files_.status(kVersionsFolder);
  if (!versions.ok() || versions.value()) return true;
  return !profile_->postgres_config && seen.unasked->fault != Fault::not_found;
}

void PostgresAccess::look_at_password(const Goal& goal, Observed& seen) {
  password_.clear();
  if (goal.role == Role::off) return;
  auto password = read_postgres_password(disk_, places_.password_file);
  if (!password.ok()) {
    seen.no_password = password.error();
    return;
  }
  password_ = std::move(password).value();
  seen.has_password = true;
  if (seen.facts && seen.facts->role)
    seen.password_holds = verifies(seen.facts->role->verifier, password_);
  if (seen.facts && seen.facts->stream_role)
    seen.stream_password_holds =
        verifies(seen.facts->stream_role->verifier, stream_password(password_));
}

Task<Result<PostgresAccess::Observed>> PostgresAccess::observe(const Goal& goal) {
  const auto is_right = [&](const Result<Observed>& seen) {
    return seen.ok() && !seen.value().reload_due && !unseen(goal, seen.value()) &&
           diff(desired(goal), seen.value()).empty();
  };
  // Before the question: what changes meanwhile is seen the next time.
  const auto stamp = stamp_of_server();
  if (places_.clock != nullptr && spared_.stands(stamp, places_.clock->now())) {
    auto seen = co_await observe_by(goal, *known_);
    if (is_right(seen) && !password_.empty()) {
      const Status let_in = co_await log_in(places_.own_dsn, password_);
      if (let_in.ok()) co_return seen;
    }
  }
  known_.reset();
  auto facts = co_await server_.facts();
  auto seen = co_await observe_by(goal, facts);
  // The first time only the answer tells where the files are, and there is no stamp yet.
  if (facts.ok() && is_right(seen) && places_.clock != nullptr) {
    known_ = std::move(facts).value();
    spared_.keep(stamp, places_.clock->now() + kAskEvery);
  }
  co_return seen;
}

// nullopt: not to be told, as where the socket is not visible here.
std::optional<std::string> PostgresAccess::stamp_of_server() {
  if (places_.clock == nullptr || !known_) return std::nullopt;
  std::string stamp;
  for (const std::string& path : {under_root(known_->hba_file), under_root(known_->config_file),
                                  server_.socket(), places_.password_file}) {
    const auto status = path == places_.password_file ? disk_.status(path) : files_.status(path);
    if (!status.ok() || !status.value()) return std::nullopt;
    stamp += file_stamp(path, *status.value());
  }
  return stamp;
}

Task<Result<PostgresAccess::Observed>> PostgresAccess::observe_by(const Goal& goal,
                                                                  Result<PostgresFacts> facts) {
  Observed seen;
  const Profile& profile = profile_of(goal.product);
  profile_ = &profile;
  const auto folder = places_.config_dir ? places_.config_dir : profile.postgres_config;
  std::string hba, conf;
  if (folder) {
    hba = *folder + "/pg_hba.conf";
    conf = *folder + "/postgresql.conf";
  }
  if (facts.ok()) {
    seen.facts = std::move(facts).value();
    seen.conf_as_told = seen.facts->config_file;
    hba = under_root(seen.facts->hba_file);
    conf = under_root(seen.facts->config_file);
  } else {
    seen.unasked = facts.error();
  }

  auto hba_file = look_at(hba);
  if (!hba_file.ok()) co_return hba_file.error();
  seen.hba = std::move(hba_file).value();
  auto conf_file = look_at(conf);
  if (!conf_file.ok()) co_return conf_file.error();
  seen.conf = std::move(conf_file).value();

  seen.installed = is_installed(seen);

  const auto due = reloads_.names();
  if (!due.ok()) co_return due.error();
  seen.reload_due = due.value().contains(kReloadDue);
  look_at_password(goal, seen);
  if (goal.role == Role::primary && seen.has_password)
    seen.peer = co_await log_in_at_peer(goal.peer_address, password_);
  co_return seen;
}

Task<Status> PostgresAccess::log_in_at_peer(std::string peer_address, std::string password) {
  std::string dsn = peer_dsn(places_.peer_dsn, peer_address);
  const Status let_in = co_await log_in(std::move(dsn), std::move(password));
  co_return let_in;
}

Task<Status> PostgresAccess::log_in(std::string dsn, std::string password) {
  SqlTarget target;
  target.dsn = std::move(dsn);
  target.password = std::move(password);
  SqlStatement statement;
  statement.text = "select pg_has_role(current_user, 'asterisk', 'member')";
  statement.deadline = kPeerMax;
  const auto answer = co_await sql_.query(std::move(target), std::move(statement));
  if (!answer.ok()) co_return answer.error();
  const auto& rows = answer.value().rows;
  if (rows.size() != 1 || rows[0].size() != 1 || rows[0][0] != "t")
    co_return Error{Fault::denied, "the role there is no member of asterisk"};
  co_return success();
}

Task<Status> PostgresAccess::apply(const Step& step) {
  Status done = success();
  switch (step.verb) {
    case make_role: done = co_await give_role(step.parameter_grants); break;
    case drop_role: done = co_await server_.drop_role(); break;
    case make_stream_role: done = co_await give_stream_role(); break;
    case drop_stream: done = co_await server_.drop_stream(); break;
    case write: done = co_await write_checked(step); break;
    case reload: done = co_await tell_server(); break;
    case restart: done = co_await restart_if_safe(); break;
  }
  co_return done;
}

Task<Status> PostgresAccess::give_role(bool parameter_grants) {
  std::string verifier;
  if (!password_.empty()) {
    auto made = new_scram_verifier(password_);
    if (!made.ok()) co_return made.error();
    verifier = std::move(made).value();
  }
  const Status made = co_await server_.make_role(std::move(verifier), parameter_grants);
  co_return made;
}

Task<Status> PostgresAccess::give_stream_role() {
  std::string verifier;
  if (!password_.empty()) {
    auto made = new_scram_verifier(stream_password(password_));
    if (!made.ok()) co_return made.error();
    verifier = std::move(made).value();
  }
  const Status made = co_await server_.make_stream_role(std::move(verifier));
  co_return made;
}

// The server is told to read its files only after it has shown that it can.
Task<Status> PostgresAccess::write_checked(const Step& step) {
  const auto now = files_.read(step.path, kPostgresFileMax);
  if (!now.ok()) co_return now.error();
  if (now.value() != step.before)
    co_return Error{Fault::unavailable,
                    step.path + " was changed meanwhile; it is looked at again"};
  // Written down first: after a kill nobody else remembers that the server does not know yet.
  const Status noted = reloads_.add(kReloadDue);
  if (!noted.ok()) co_return noted;
  const Status written = files_.replace(step.path, step.content, kHbaMode);
  if (!written.ok() || !step.adds) co_return written;

  const auto facts = co_await server_.facts();
  if (!facts.ok()) co_return success();  // a server that is down says nothing of the file
  const bool is_hba = under_root(facts.value().hba_file) == step.path;
  const auto& errors = is_hba ? facts.value().hba_errors : facts.value().conf_errors;
  if (errors.empty()) co_return success();
  const Status back = files_.replace(step.path, step.before, kHbaMode);
  if (!back.ok()) co_return back;
  co_return Error{Fault::invalid, fmt::format("PostgreSQL refuses the new {}, and the old one is "
                                              "back in its place: {}",
                                              step.path, first_error(errors, step.path))};
}

Task<Status> PostgresAccess::tell_server() {
  const Status done = co_await server_.reload();
  if (!done.ok()) co_return done;
  co_return reloads_.remove(kReloadDue);
}

// The marker says what is meant; somebody may have started the services beside it.
Task<Status> PostgresAccess::telephony_is_stopped() {
  if (places_.units == nullptr) co_return success();
  std::vector<std::string> names;
  names.emplace_back(kAsterisk);
  const auto states = co_await places_.units->states(std::move(names));
  if (!states.ok())
    co_return in_context("whether telephony runs on this node can not be told", states.error());
  const auto asterisk = states.value().find(kAsterisk);
  if (asterisk == states.value().end() || asterisk->second.active == "inactive" ||
      asterisk->second.active == "failed")
    co_return success();
  co_return Error{Fault::unavailable,
                  fmt::format("{} is {} on this node, marked or not as standing by: PostgreSQL is "
                              "not restarted under it",
                              kAsterisk, asterisk->second.active)};
}

// Looks once more: what was seen at the begin of the pass may not hold any longer, and a restart
// on a serving node cuts its telephony off from its database.
Task<Status> PostgresAccess::restart_if_safe() {
  const auto marker = files_.status(profile_->standby_marker);
  if (!marker.ok()) co_return marker.error();
  if (!marker.value())
    co_return Error{Fault::unavailable, "the node serves now: PostgreSQL is not restarted"};
  const Status stopped = co_await telephony_is_stopped();
  if (!stopped.ok()) co_return stopped;
  const auto facts = co_await server_.facts();
  if (!facts.ok()) co_return facts.error();
  if (!facts.value().awaits_restart("listen_addresses") &&
      !facts.value().awaits_restart("wal_level"))
    co_return Error{Fault::unavailable,
                    "PostgreSQL does not say that listen_addresses or wal_level awaits a restart"};
  if (!facts.value().hba_errors.empty() || !facts.value().conf_errors.empty())
    co_return Error{Fault::invalid, "PostgreSQL would not start again from its files as they are"};
  const Status done = co_await server_.restart(profile_->postgres_unit);
  if (!done.ok()) co_return done;
  co_return reloads_.remove(kReloadDue);
}

}  // namespace tandem
