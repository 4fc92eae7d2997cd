#include "replication/database/counters.h"

namespace tandem {

Result<Counters> read_counters(DatabaseSession& session) {
  const auto found = session.ask(
      "select string_agg(format('%s=%s/%s', s.relname, n_tup_ins + n_tup_upd + n_tup_del, "
      "c.relfilenode), E'\\n') from pg_stat_user_tables s join pg_class c on c.oid = s.relid where "
      "s.schemaname = 'public'");
  if (!found.ok()) return found.error();
  Counters counters;
  const std::string& text = found.value().rows.at(0).at(0).value_or("");
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const auto middle = line.rfind('=');
    if (middle != std::string::npos) counters[line.substr(0, middle)] = line.substr(middle + 1);
    at = end + 1;
  }
  return counters;
}

Result<Counters> read_counters_after_commit(DatabaseSession& session) {
  const auto flushed = session.ask("select pg_stat_force_next_flush()");
  if (!flushed.ok()) return flushed.error();
  return read_counters(session);
}

std::set<std::string> tables_moved(const Counters& before, const Counters& now) {
  std::set<std::string> moved;
  for (const auto& [table, value] : now) {
    const auto was = before.find(table);
    if (was == before.end() || was->second != value) moved.insert(table);
  }
  return moved;
}

}  // namespace tandem
