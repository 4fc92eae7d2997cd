#include "replication/database/settings.h"

#include <fmt/format.h>

namespace tandem {
namespace {

using std::chrono::milliseconds;

std::string milliseconds_of(milliseconds time) { return std::to_string(time.count()); }

// Older servers know some of them not; those are left out.
std::string settings_text() {
  return fmt::format(
      R"(select count(set_config(s.name, v.value, false)) from (values
  ('search_path', 'pg_catalog'), ('datestyle', 'ISO, YMD'), ('intervalstyle', 'postgres'),
  ('timezone', 'UTC'), ('extra_float_digits', '3'), ('bytea_output', 'hex'),
  ('xmlbinary', 'base64'), ('xmloption', 'content'), ('lc_monetary', 'C'),
  ('standard_conforming_strings', 'on'),
  ('row_security', 'off'), ('synchronize_seqscans', 'off'), ('work_mem', '16MB'), ('jit', 'off'),
  ('lock_timeout', '{}'), ('statement_timeout', '{}'),
  ('idle_in_transaction_session_timeout', '{}'), ('idle_session_timeout', '{}'),
  ('tcp_user_timeout', '{}'),
  ('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3'),
  ('client_connection_check_interval', '{}')) v (name, value)
join pg_catalog.pg_settings s on lower(s.name) = v.name)",
      milliseconds_of(kLockMax), milliseconds_of(kReadMax), milliseconds_of(kIdleMax),
      milliseconds_of(kIdleMax), milliseconds_of(kServerTcpMax), milliseconds_of(kClientCheck));
}

}  // namespace

Status settle_session(DatabaseSession& session, ServerDuty duty) {
  // A little longer than the server, so that it is the server that says so.
  session.set_patience(kReadMax + std::chrono::seconds{5});
  std::string text = settings_text();
  if (duty == ServerDuty::serves) text += "; set max_parallel_workers_per_gather = 0";
  const auto set = session.ask(text);
  return set.ok() ? success() : Status(set.error());
}

Status settle_for_writing(DatabaseSession& session) {
  session.set_patience(kWriteMax + std::chrono::seconds{5});
  const auto set = session.ask(
      fmt::format("set local statement_timeout = {}; set local session_replication_role = replica",
                  milliseconds_of(kWriteMax)));
  return set.ok() ? success() : Status(set.error());
}

Status settle_for_reading(DatabaseSession& session) {
  session.set_patience(kReadMax + std::chrono::seconds{5});
  const auto set =
      session.ask(fmt::format("set local statement_timeout = {}", milliseconds_of(kReadMax)));
  return set.ok() ? success() : Status(set.error());
}

}  // namespace tandem
