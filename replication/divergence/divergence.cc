#include "replication/divergence/divergence.h"

#include <fmt/format.h>

#include <algorithm>

#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

using Cell = std::optional<std::string>;

constexpr std::chrono::milliseconds kReadMax{10'000};

// Of the newest time, and of all of which something may wait.
constexpr std::string_view kShown =
    "(select id from tandem.activation where journalled_at is not null and (ended_at is null or id "
    "= (select max(id) from tandem.activation where journalled_at is not null)))";

std::string as_time(const std::string& column) {
  return fmt::format(
      "coalesce(to_char({} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '')", column);
}

std::string times_text() {
  return fmt::format(
      "select id, node, epoch, {}, recorded_late, {}, coalesce(journalled_rows, 0), {}, "
      "coalesce(ended_how, ''), coalesce(ended_by, ''), coalesce(reason, '') from "
      "tandem.activation order by id desc",
      as_time("since"), as_time("journalled_at"), as_time("ended_at"));
}

std::string of_both(std::string_view column) {
  const std::string name = sql_text(column);
  return fmt::format("j.secondary_row->>{0}, j.primary_row->>{0}", name);
}

std::string differs(std::string_view column) {
  const std::string name = sql_text(column);
  return fmt::format("(j.secondary_row->>{0}) is distinct from (j.primary_row->>{0})", name);
}

std::vector<std::string_view> feature_columns() {
  std::vector<std::string_view> columns;
  for (const UserFeatureRow& row : user_features()) {
    columns.push_back(row.enabled);
    if (!row.destination.empty()) columns.push_back(row.destination);
  }
  return columns;
}

std::string changes_text() {
  std::string columns, any;
  for (const auto column : feature_columns()) {
    columns += ", " + of_both(column);
    any += (any.empty() ? "" : " or ") + differs(column);
  }
  return fmt::format(
      "select j.activation, j.secondary_row->>{}, concat_ws(' ', nullif(j.secondary_row->>{}, ''), "
      "nullif(j.secondary_row->>{}, '')), j.primary_moved{} from tandem.journal j where "
      "j.activation in {} and j.table_name = {} and j.kind = 'changed' and ({}) order by "
      "1 desc, 3, 2 limit {}",
      sql_text(kUserUuid), sql_text(kUserFirstName), sql_text(kUserLastName), columns, kShown,
      sql_text(kUserTable), any, kChangesListed + 1);
}

// Of users those that differ in something else as well. The values stay unread: JSON within may
// hold what no text can.
std::string others_text() {
  std::string features;
  for (const auto column : feature_columns())
    features += (features.empty() ? "" : ", ") + sql_text(column);
  return fmt::format(
      "select j.activation, j.table_name, j.kind, count(*) from tandem.journal j where "
      "j.activation in {} and not (j.table_name = {} and j.kind = 'changed' and not exists (select "
      "from json_each(j.secondary_row) s join json_each(j.primary_row) p using (key) where "
      "s.value::text <> p.value::text and key not in ({}))) group by 1, 2, 3 order by 1 desc, 2, 3",
      kShown, sql_text(kUserTable), features);
}

constexpr std::string_view kCarried =
    "select activation, user_uuid, feature, state, message, by, to_char(at at time zone 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from tandem.carried";

Task<Result<SqlRows>> ask(Sql& sql, SqlTarget secondary, std::string text) {
  SqlStatement statement;
  statement.text = std::move(text);
  statement.deadline = kReadMax;
  auto found = co_await sql.query(std::move(secondary), std::move(statement));
  if (found.ok()) co_return std::move(found).value();
  co_return in_context("the journal of the secondary was not read", found.error());
}

ServedTime time_of(const std::vector<Cell>& row) {
  ServedTime time;
  time.id = number_in<std::int64_t>(row[0]);
  time.node = row[1].value_or("");
  time.epoch = number_in<std::int64_t>(row[2]);
  time.since = row[3].value_or("");
  time.late = row[4] == "t";
  time.journalled_at = row[5].value_or("");
  time.rows = number_in<std::uint64_t>(row[6]);
  time.ended_at = row[7].value_or("");
  time.ended_how = row[8].value_or("");
  time.ended_by = row[9].value_or("");
  time.reason = row[10].value_or("");
  return time;
}

bool is_on(const Cell& cell) { return cell && *cell != "0"; }

// One user's row: a change for each feature that differs.
void add_changes(const std::vector<Cell>& row, std::vector<FeatureChange>& changes) {
  FeatureChange change;
  change.served = number_in<std::int64_t>(row[0]);
  change.user_uuid = row[1].value_or("");
  change.user_name = row[2].value_or("");
  if (row[3]) change.primary_moved = row[3] == "t";
  std::size_t at = 4;
  for (const UserFeatureRow& feature : user_features()) {
    change.feature = feature.feature;
    change.secondary = {is_on(row[at]), ""};
    change.primary = {is_on(row[at + 1]), ""};
    at += 2;
    if (!feature.destination.empty()) {
      change.secondary.destination = row[at].value_or("");
      change.primary.destination = row[at + 1].value_or("");
      at += 2;
    }
    if (!(change.secondary == change.primary)) changes.push_back(change);
  }
}

using ChangeKey = std::pair<std::string, UserFeature>;

// The newest come first: what an earlier time has of the same is over.
void supersede(std::vector<FeatureChange>& changes) {
  std::map<ChangeKey, std::int64_t> newest;
  for (FeatureChange& change : changes) {
    const auto [found, first] =
        newest.emplace(ChangeKey{change.user_uuid, change.feature}, change.served);
    if (!first && found->second != change.served && change.state != "applied")
      change.state = "superseded";
  }
}

void take_carried(const SqlRows& rows, std::vector<FeatureChange>& changes) {
  std::map<std::pair<std::int64_t, ChangeKey>, const std::vector<Cell>*> carried;
  for (const auto& row : rows.rows)
    if (const auto feature = user_feature_of_name(row[2].value_or("")))
      carried[{number_in<std::int64_t>(row[0]), {row[1].value_or(""), *feature}}] = &row;
  for (FeatureChange& change : changes) {
    const auto found = carried.find({change.served, {change.user_uuid, change.feature}});
    if (found == carried.end()) continue;
    const auto& row = *found->second;
    change.state = row[3].value_or("pending");
    change.message = row[4].value_or("");
    change.by = row[5].value_or("");
    change.at = row[6].value_or("");
  }
}

}  // namespace

const ServedTime* Divergence::open() const {
  for (const ServedTime& time : times)
    if (time.is_open()) return &time;
  return nullptr;
}

bool Divergence::waits_for(const ServedTime& time) const {
  if (!time.waits()) return false;
  if (cut) return true;
  const bool features = std::any_of(changes.begin(), changes.end(), [&](const FeatureChange& one) {
    return one.served == time.id && one.waits();
  });
  return features || std::any_of(others.begin(), others.end(), [&](const RowCount& one) {
           return one.served == time.id && !is_written_by_services_alone(one.table);
         });
}

bool Divergence::waits() const {
  return std::any_of(times.begin(), times.end(),
                     [this](const ServedTime& time) { return waits_for(time); });
}

std::map<std::string, std::uint64_t> Divergence::waiting() const {
  std::map<std::string, std::uint64_t> found{{"dnd", 0}, {"forwards", 0}, {"other", 0}};
  std::set<std::int64_t> waiting_times;
  for (const ServedTime& time : times)
    if (time.waits()) waiting_times.insert(time.id);
  for (const FeatureChange& change : changes)
    if (change.waits() && waiting_times.contains(change.served))
      ++found[std::string(group_of(change.feature))];
  for (const RowCount& row : others)
    if (waiting_times.contains(row.served) && !is_written_by_services_alone(row.table))
      found["other"] += row.rows;
  return found;
}

Task<Result<Divergence>> read_divergence(Sql& sql, SqlTarget secondary) {
  Divergence divergence;
  const auto times = co_await ask(sql, secondary, times_text());
  if (!times.ok() && times.error().fault == Fault::not_found) co_return divergence;
  if (!times.ok()) co_return times.error();
  bool journalled = false;
  for (const auto& row : times.value().rows) {
    divergence.times.push_back(time_of(row));
    journalled = journalled || !divergence.times.back().journalled_at.empty();
  }
  if (!journalled) co_return divergence;
  const auto changes = co_await ask(sql, secondary, changes_text());
  if (!changes.ok()) co_return changes.error();
  const auto& users = changes.value().rows;
  divergence.cut = users.size() > kChangesListed;
  for (std::size_t i = 0; i < std::min(users.size(), kChangesListed); ++i)
    add_changes(users[i], divergence.changes);
  const auto carried = co_await ask(sql, secondary, std::string(kCarried));
  if (!carried.ok()) co_return carried.error();
  take_carried(carried.value(), divergence.changes);
  supersede(divergence.changes);
  const auto others = co_await ask(sql, secondary, others_text());
  if (!others.ok()) co_return others.error();
  for (const auto& row : others.value().rows)
    divergence.others.push_back({number_in<std::int64_t>(row[0]), row[1].value_or(""),
                                 row[2].value_or(""), number_in<std::uint64_t>(row[3])});
  co_return divergence;
}

Task<Result<std::vector<JournalRow>>> read_journal_rows(Sql& sql, SqlTarget secondary) {
  const auto found = co_await ask(
      sql, std::move(secondary),
      fmt::format("select j.activation, j.table_name, j.kind, array_to_string(j.key, ', '), "
                  "(select string_agg(key, ', ' order by key) from json_each(j.secondary_row) s "
                  "join json_each(j.primary_row) p using (key) where s.value::text <> "
                  "p.value::text) from tandem.journal j where j.activation in {} order by "
                  "j.activation desc, j.table_name, j.kind, j.key limit {}",
                  kShown, kRowsListed));
  std::vector<JournalRow> rows;
  if (!found.ok() && found.error().fault == Fault::not_found) co_return rows;
  if (!found.ok()) co_return found.error();
  for (const auto& row : found.value().rows) {
    const std::string table = row[1].value_or("");
    rows.push_back({number_in<std::int64_t>(row[0]), table, row[2].value_or(""),
                    has_secret_keys(table) ? std::string(kKeyNotShown) : row[3].value_or(""),
                    row[4].value_or("")});
  }
  co_return rows;
}

Task<Status> keep_carried(Sql& sql, SqlTarget secondary, FeatureChange change) {
  SqlStatement statement;
  statement.text =
      "insert into tandem.carried (activation, user_uuid, feature, state, message, by, at) values "
      "($1::bigint, $2, $3, $4, $5, $6, clock_timestamp()) on conflict (activation, user_uuid, "
      "feature) do update set state = excluded.state, message = excluded.message, by = "
      "excluded.by, "
      "at = excluded.at";
  statement.parameters = {std::to_string(change.served),
                          change.user_uuid,
                          std::string(row_of(change.feature).name),
                          change.state,
                          change.message,
                          change.by};
  const auto kept = co_await sql.query(std::move(secondary), std::move(statement));
  if (kept.ok()) co_return success();
  co_return in_context("what was carried back was not written down on the secondary", kept.error());
}

Task<Status> end_served(Sql& sql, SqlTarget secondary, std::int64_t id, std::string how) {
  SqlStatement statement;
  statement.text =
      "update tandem.activation set ended_at = clock_timestamp(), ended_how = $2 where id = "
      "$1::bigint and journalled_at is not null and ended_at is null";
  statement.parameters = {std::to_string(id), std::move(how)};
  const auto ended = co_await sql.query(std::move(secondary), std::move(statement));
  if (ended.ok()) co_return success();
  co_return in_context("the secondary did not write down that nothing waits", ended.error());
}

// The row of direction is held: a node that begins to serve at this moment waits for it, and then
// writes a time of its own.
Task<Result<int>> discard_divergence(Sql& sql, SqlTarget secondary, std::string by,
                                     std::string reason) {
  SqlStatement statement;
  statement.text =
      "with now as (select standing_by from tandem.direction for share), gone as (update "
      "tandem.activation set ended_at = clock_timestamp(), ended_how = 'discarded', ended_by = $1, "
      "reason = $2 where ended_at is null and (journalled_at is not null or (select standing_by "
      "from now)) returning id) select (select count(*) from gone), (select count(*) from "
      "tandem.activation where journalled_at is null and ended_at is null and not coalesce((select "
      "standing_by from now), false))";
  statement.parameters = {std::move(by), std::move(reason)};
  const auto done = co_await sql.query(std::move(secondary), std::move(statement));
  if (!done.ok() && done.error().fault == Fault::not_found) co_return 0;
  if (!done.ok()) co_return in_context("nothing was given up", done.error());
  const auto& row = done.value().rows.at(0);
  const int ended = number_in<int>(row[0]);
  if (ended == 0 && row[1] != "0")
    co_return Error{Fault::invalid,
                    "the secondary serves, or lets nothing in: what is changed there from now on "
                    "would be lost unseen; give it up after the failback"};
  co_return ended;
}

}  // namespace tandem
