#include "pbx/postgres_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/json_text.h"
#include "pbx/postgres_password.h"
#include "pbx/text_lines.h"

namespace tandem {
namespace {

using Json = nlohmann::json;

constexpr const char* kRunuser = "/usr/sbin/runuser";
constexpr const char* kPsql = "/usr/bin/psql";
constexpr const char* kSystemctl = "/usr/bin/systemctl";
constexpr std::size_t kAnswerMax = 1U << 20U;
constexpr std::size_t kErrorsMax = 50;

// No statement of ours is logged, whatever the server's settings: a verifier is worth guessing at.
constexpr std::string_view kQuiet =
    "set log_statement = 'none';\n"
    "set log_min_duration_statement = -1;\n"
    "set log_min_error_statement = 'panic';\n"
    "set client_min_messages = 'warning';\n"
    "set statement_timeout = '10s';\n"
    "set lock_timeout = '5s';\n";

// A setting that was removed, or changed, and counts after a restart is no error of a file.
// pending_restart is asked before pg_file_settings: that view reads the files, and would show what
// only the next reload makes pending. The rights on a parameter are there since PostgreSQL 15.
constexpr std::string_view kFacts = R"(
select current_setting('server_version_num')::int >= 150000 as grants,
  (select coalesce(json_agg(name order by name), '[]') from pg_settings where pending_restart)
  as pending \gset
\if :grants
select coalesce((select has_parameter_privilege(oid, 'session_replication_role', 'set')
  from pg_roles where rolname = 'tandem'), false) as may_set \gset
\else
\set may_set false
\endif
select json_build_object(
  'version', current_setting('server_version_num')::int,
  'hba_file', current_setting('hba_file'),
  'config_file', current_setting('config_file'),
  'tls', current_setting('ssl') = 'on',
  'listens', current_setting('listen_addresses'),
  'pending', :'pending'::json,
  'loaded_us', (extract(epoch from pg_conf_load_time()) * 1000000)::bigint,
  'listen_settings', (select coalesce(json_agg(json_build_array(sourcefile, sourceline, setting)
    order by seqno), '[]') from pg_file_settings where lower(name) = 'listen_addresses'),
  'wal_level', current_setting('wal_level'),
  'wal_settings', (select coalesce(json_agg(json_build_array(lower(name), sourcefile, sourceline,
    setting) order by seqno), '[]') from pg_file_settings
    where lower(name) in ('wal_level', 'max_slot_wal_keep_size')),
  'stream_role', (select json_build_object('may_stream', rolcanlogin and rolreplication,
      'may_more', rolsuper or rolcreatedb or rolcreaterole or rolbypassrls,
      'reads_stats', exists (select from pg_auth_members m join pg_roles g on g.oid = m.roleid
        where m.member = a.oid and g.rolname = 'pg_read_all_stats'),
      'connections_max', rolconnlimit, 'verifier', coalesce(rolpassword, ''),
      'ours', coalesce(shobj_description(a.oid, 'pg_authid') like 'made by Tandem%', false))
    from pg_authid a where rolname = 'tandem_stream'),
  'stream_slots', (select count(*) from pg_replication_slots where slot_type = 'logical'
    and slot_name ~ '^tandem_[0-9a-f]{16}$'),
  'other_slots', (select count(*) from pg_replication_slots where slot_type = 'logical'
    and slot_name !~ '^tandem_[0-9a-f]{16}$'),
  'conf_errors', (select coalesce(json_agg(json_build_array(sourcefile, sourceline, error)), '[]')
    from (select * from pg_file_settings where error <> 'setting could not be applied'
      and error not like '%cannot be changed without restarting the server' limit 50) e),
  'hba_errors', (select coalesce(json_agg(json_build_array('', line_number, error)), '[]')
    from (select * from pg_hba_file_rules where error is not null limit 50) e),
  'role', (select json_build_object('may_log_in', rolcanlogin,
      'may_more', rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls,
      'inherits', rolinherit, 'connections_max', rolconnlimit,
      'expires', coalesce(rolvaliduntil <> 'infinity', false),
      'verifier', coalesce(rolpassword, ''), 'may_set', :'may_set'::bool,
      'ours', coalesce(shobj_description(a.oid, 'pg_authid') like 'made by Tandem%', false),
      'member_of', (select coalesce(json_agg(g.rolname), '[]') from pg_auth_members m
        join pg_roles g on g.oid = m.roleid where m.member = a.oid))
    from pg_authid a where rolname = 'tandem'),
  'groups', (select coalesce(json_agg(rolname), '[]') from pg_roles
    where rolname in ('asterisk', 'pg_signal_backend')));
)";

// The value of a key in libpq's key=value form; ours are never quoted.
std::string value_in(std::string_view dsn, std::string_view key) {
  while (!dsn.empty()) {
    const std::string_view word = without_blanks(dsn.substr(0, dsn.find(' ')));
    if (word.starts_with(key) && word.substr(key.size()).starts_with('='))
      return std::string(word.substr(key.size() + 1));
    dsn.remove_prefix(std::min(dsn.find(' '), dsn.size() - 1) + 1);
  }
  return "";
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What psql takes for one word, and SQL for a text, as it is.
bool is_plain_name(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
}

// Goes on in that database, where there is one: a schema is seen in its own database alone.
std::string go_on_in(const std::string& database) {
  if (!is_plain_name(database)) return "";
  return fmt::format(
      "select exists (select from pg_database where datname = '{0}' and datallowconn) as there "
      "\\gset\n\\if :there\n\\connect {0}\n\\endif\n{1}",
      database, kQuiet);
}

// The first line that says something, without psql's own preamble.
std::string reason_in(const CommandOutcome& outcome) {
  const std::string& text =
      without_blanks(outcome.errors).empty() ? outcome.output : outcome.errors;
  for (const auto& line : split_lines(text)) {
    std::string_view words = without_blanks(line.text);
    for (const std::string_view start : {"psql: error: ", "psql:<stdin>:"})
      if (words.starts_with(start)) words.remove_prefix(start.size());
    if (!words.empty()) return std::string(words.substr(0, 400));
  }
  return outcome.signal != 0 ? fmt::format("ended by signal {}", outcome.signal)
                             : fmt::format("ended with {}", outcome.exit_status);
}

std::vector<PostgresFacts::FileError> errors_of(const Json& list) {
  std::vector<PostgresFacts::FileError> errors;
  for (const Json& entry : list) {
    if (errors.size() == kErrorsMax) break;
    errors.push_back({entry.at(0).is_string() ? entry.at(0).get<std::string>() : "",
                      entry.at(1).is_number() ? entry.at(1).get<std::size_t>() : 0,
                      entry.at(2).get<std::string>()});
  }
  return errors;
}

PostgresRole role_of(const Json& document) {
  PostgresRole role;
  role.may_log_in = document.at("may_log_in");
  role.may_more = document.at("may_more");
  role.inherits = document.at("inherits");
  role.connections_max = document.at("connections_max");
  role.expires = document.at("expires");
  role.verifier = document.at("verifier");
  role.may_set_replication_role = document.at("may_set");
  role.made_by_us = document.at("ours");
  role.member_of = document.at("member_of").get<std::set<std::string>>();
  return role;
}

StreamRole stream_role_of(const Json& document) {
  StreamRole role;
  role.may_stream = document.at("may_stream");
  role.may_more = document.at("may_more");
  role.reads_stats = document.at("reads_stats");
  role.connections_max = document.at("connections_max");
  role.verifier = document.at("verifier");
  role.made_by_us = document.at("ours");
  return role;
}

void read_stream(const Json& document, PostgresFacts& facts) {
  facts.wal_level = document.at("wal_level");
  for (const Json& entry : document.at("wal_settings"))
    facts.wal_settings[entry.at(0)].push_back({entry.at(1), entry.at(2), entry.at(3)});
  if (!document.at("stream_role").is_null())
    facts.stream_role = stream_role_of(document.at("stream_role"));
  facts.stream_slots = document.at("stream_slots");
  facts.other_slots = document.at("other_slots");
}

PostgresFacts facts_of(const Json& document) {
  PostgresFacts facts;
  facts.version = document.at("version");
  facts.hba_file = document.at("hba_file");
  facts.config_file = document.at("config_file");
  facts.tls = document.at("tls");
  facts.listens = document.at("listens");
  facts.pending = document.at("pending").get<std::vector<std::string>>();
  facts.loaded = std::chrono::system_clock::time_point(
      std::chrono::microseconds(document.at("loaded_us").get<std::int64_t>()));
  for (const Json& entry : document.at("listen_settings"))
    facts.listen_settings.push_back({entry.at(0), entry.at(1), entry.at(2)});
  facts.conf_errors = errors_of(document.at("conf_errors"));
  facts.hba_errors = errors_of(document.at("hba_errors"));
  facts.groups = document.at("groups").get<std::set<std::string>>();
  if (!document.at("role").is_null()) facts.role = role_of(document.at("role"));
  read_stream(document, facts);
  return facts;
}

struct RoleWanted {
  std::string_view name, replication;  // "replication" or "noreplication"
  int connections = 0;
  std::string grants;  // statements
};

// In one transaction. invalid: the verifier could end its quotes; a password never comes here.
Result<std::string> role_statements(const RoleWanted& role, const std::string& verifier) {
  if (verifier.find_first_of("'\\") != std::string::npos)
    return Error{Fault::invalid, "the verifier of the database role is damaged"};
  const std::string password = verifier.empty() ? "null" : fmt::format("'{}'", verifier);
  return fmt::format(
      R"(begin;
do $do$ begin
  if not exists (select from pg_roles where rolname = '{0}') then create role {0}; end if;
end $do$;
alter role {0} with login inherit nosuperuser nocreatedb nocreaterole {1} nobypassrls
  connection limit {2} valid until 'infinity' password {3};
comment on role {0} is 'made by Tandem, which keeps it as its declaration says';
{4}commit;
)",
      role.name, role.replication, role.connections, password, role.grants);
}

}  // namespace

bool PostgresFacts::awaits_restart(std::string_view setting) const {
  return std::find(pending.begin(), pending.end(), setting) != pending.end();
}

PostgresServer::PostgresServer(Process& commands, std::string_view dsn)
    : commands_(commands), port_(value_in(dsn, "port")), database_(value_in(dsn, "dbname")) {}

std::string PostgresServer::socket() const {
  return "/run/postgresql/.s.PGSQL." + (is_number(port_) ? port_ : std::string("5432"));
}

Task<Result<std::string>> PostgresServer::ask(std::string statements) {
  Command command;
  // -f -: psql then tells the place of an error, and stops there.
  command.argv = {kRunuser, "-u", "postgres",        "--", kPsql,      "-X", "-q", "-A", "-t",
                  "-w",     "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-f", "-"};
  if (is_number(port_)) {
    command.argv.emplace_back("-p");
    command.argv.push_back(port_);
  }
  command.input = std::string(kQuiet) + std::move(statements);
  command.deadline = kAskMax;
  command.output_max = kAnswerMax;
  auto ran = co_await commands_.run(std::move(command));
  if (!ran.ok()) co_return in_context("the PostgreSQL server could not be asked", ran.error());
  const CommandOutcome& outcome = ran.value();
  if (!outcome.succeeded()) {
    // 2: there is no connection. 3: a statement failed. 127: no psql.
    const Fault fault = outcome.exit_status == 3     ? Fault::invalid
                        : outcome.exit_status == 127 ? Fault::not_found
                                                     : Fault::unavailable;
    co_return Error{fault, "PostgreSQL: " + reason_in(outcome)};
  }
  co_return std::move(ran).value().output;
}

Task<Result<PostgresFacts>> PostgresServer::facts() {
  auto answer = co_await ask(std::string(kFacts));
  if (!answer.ok()) co_return answer.error();
  const Json document = read_json(answer.value());
  try {
    co_return facts_of(document);
  } catch (const Json::exception&) {
    co_return Error{Fault::unavailable, "PostgreSQL: psql answered something else than the facts"};
  }
}

Task<Status> PostgresServer::make_role(std::string verifier, bool parameter_grants) {
  std::string more = fmt::format("grant asterisk, pg_signal_backend to {};\n", kPostgresRole);
  if (parameter_grants)
    more += fmt::format("grant set on parameter session_replication_role to {};\n", kPostgresRole);
  auto statements = role_statements(
      {kPostgresRole, "noreplication", kPostgresConnectionsMax, std::move(more)}, verifier);
  if (!statements.ok()) co_return statements.error();
  const auto answer = co_await ask(std::move(statements).value());
  if (!answer.ok()) co_return answer.error();
  co_return success();
}

Task<Status> PostgresServer::make_stream_role(std::string verifier) {
  std::string more = fmt::format("grant pg_read_all_stats to {};\n", kStreamRole);
  auto statements = role_statements(
      {kStreamRole, "replication", kStreamConnectionsMax, std::move(more)}, verifier);
  if (!statements.ok()) co_return statements.error();
  const auto answer = co_await ask(std::move(statements).value());
  if (!answer.ok()) co_return answer.error();
  co_return success();
}

Task<Status> PostgresServer::drop_stream() {
  std::string statements = go_on_in(database_);
  // Who followed a slot is gone a moment after it was told.
  statements += fmt::format(
      R"(select pg_terminate_backend(active_pid) from pg_replication_slots
  where active and slot_name ~ '^tandem_[0-9a-f]{{16}}$' \g /dev/null
select pg_terminate_backend(pid) from pg_stat_activity where usename = '{0}' \g /dev/null
select pg_sleep(0.3) \g /dev/null
select pg_drop_replication_slot(slot_name) from pg_replication_slots
  where not active and slot_name ~ '^tandem_[0-9a-f]{{16}}$' \g /dev/null
do $do$ begin
  if exists (select from pg_publication p join pg_roles r on r.oid = p.pubowner
             where pubname = 'tandem' and rolname = '{1}')
  then drop publication tandem; end if;
end $do$;
drop role if exists {0};
)",
      kStreamRole, kPostgresRole);
  const auto answer = co_await ask(std::move(statements));
  if (!answer.ok()) co_return answer.error();
  co_return success();
}

Task<Status> PostgresServer::drop_role() {
  std::string statements = go_on_in(database_);
  statements += fmt::format(
      R"(begin;
select pg_terminate_backend(pid) from pg_stat_activity where usename = '{0}' \g /dev/null
do $do$ declare ours name; begin
  if current_setting('server_version_num')::int >= 150000
    and exists (select from pg_roles where rolname = '{0}')
  then execute 'revoke set on parameter session_replication_role from {0}'; end if;
  if exists (select from pg_roles where rolname = '{0}')
  then execute 'revoke execute on function pg_catalog.pg_replication_origin_progress(text, boolean) '
    'from {0}'; end if;
  if exists (select from pg_subscription s join pg_roles r on r.oid = s.subowner where s.subname =
      'tandem' and r.rolname = '{0}' and s.subdbid = (select oid from pg_database where datname =
      current_database())) then
    alter subscription tandem disable;
    alter subscription tandem set (slot_name = none);
    drop subscription tandem;
  end if;
  if exists (select from pg_publication p join pg_roles r on r.oid = p.pubowner
             where pubname = 'tandem' and rolname = '{0}')
  then drop publication tandem; end if;
  for ours in select nspname from pg_namespace join pg_roles r on r.oid = nspowner
    where nspname in ('{0}', '{0}_undo') and rolname = '{0}'
  loop execute format('drop schema %I cascade', ours); end loop;
end $do$;
drop role if exists {0};
commit;
)",
      kPostgresRole);
  const auto answer = co_await ask(std::move(statements));
  if (answer.ok()) co_return success();
  Error error = answer.error();
  // Whose it is, and whether it may go, a person decides.
  if (error.message.find("depend on it") != std::string::npos)
    error.message += fmt::format(
        "; somebody gave it more. See what: runuser -u postgres -- psql asterisk -c '\\ddp' -c "
        "'\\dp'; "
        "to take all of it back, in each database: runuser -u postgres -- psql asterisk -c "
        "'reassign "
        "owned by {0} to postgres' -c 'drop owned by {0}'",
        kPostgresRole);
  co_return error;
}

Task<Status> PostgresServer::run_in_database(std::string statements) {
  const std::string there = go_on_in(database_);
  if (there.empty())
    co_return Error{Fault::invalid, "postgres.dsn in operator.yaml names no database"};
  const auto answer = co_await ask(there + statements);
  if (!answer.ok()) co_return answer.error();
  co_return success();
}

Task<Status> PostgresServer::reload() {
  // The server is told by a signal: what is asked next finds it done.
  const auto answer =
      co_await ask("select pg_reload_conf() \\g /dev/null\nselect pg_sleep(0.1) \\g /dev/null\n");
  if (!answer.ok()) co_return answer.error();
  co_return success();
}

Task<Status> PostgresServer::restart(std::string unit) {
  Command command;
  command.argv = {kSystemctl, "restart", unit};
  command.deadline = kRestartMax;
  auto ran = co_await commands_.run(std::move(command));
  if (!ran.ok()) co_return in_context("PostgreSQL was not restarted", ran.error());
  if (!ran.value().succeeded())
    co_return Error{Fault::unavailable, "systemctl restart " + unit +
                                            " failed: " + reason_in(ran.value()) +
                                            "; see: journalctl -u 'postgresql*'"};
  co_return success();
}

}  // namespace tandem
