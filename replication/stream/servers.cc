#include "replication/stream/servers.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <thread>

#include "pbx/table_map.h"
#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"
#include "replication/stream/subscription.h"

namespace tandem::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook{50};
constexpr const char* kSides[] = {"primary", "primary", "secondary"};

// A change of a table without a replica identity fails on the primary once it is published: nothing
// but a key that is checked at once, or FULL, will do. What is left is our copy's.
constexpr std::string_view kPublishable = R"(
select c.relname::text, c.relpersistence = 'p' and (c.relreplident = 'f' or (c.relreplident = 'd'
    and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and
      i.indisvalid and i.indimmediate)))
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  and c.relpersistence <> 't')";

std::set<std::string> names_in(const SqlRows& rows) {
  std::set<std::string> names;
  for (const auto& row : rows.rows) names.insert(row.at(0).value_or(""));
  return names;
}

// A name means one beginning: chance makes it.
std::string new_slot_name() {
  std::random_device chance;
  return fmt::format("{}{:08x}{:08x}", kSlotPrefix, static_cast<std::uint32_t>(chance()),
                     static_cast<std::uint32_t>(chance()));
}

constexpr std::string_view kOurs = R"(s.subname = 'tandem' and s.subdbid =
  (select oid from pg_database where datname = current_database()))";

}  // namespace

Status follow(DatabaseSession& secondary, const std::string& slot) {
  const auto done = secondary.ask(
      fmt::format("alter subscription {0} set (slot_name = {1}); alter subscription {0} enable",
                  kSubscription, sql_text(slot)));
  return done.ok() ? success() : Status(done.error());
}

Result<DatabaseSession*> Servers::session(Side side) {
  auto& kept = sessions_[static_cast<int>(side)];
  if (kept) return kept.get();
  const SqlTarget& target = side == Side::primary ? places_.primary
                            : side == Side::slots ? places_.slots
                                                  : places_.secondary;
  auto opened = databases_.open(target, stop_);
  if (!opened.ok()) return opened.error();
  const auto set = opened.value()->ask(fmt::format(
      "set lock_timeout = {}; set statement_timeout = {}; set search_path = pg_catalog; "
      "set client_min_messages = warning",
      milliseconds(kLockMax).count(), milliseconds(kStatementMax).count()));
  if (!set.ok()) return set.error();
  kept = std::move(opened).value();
  return kept.get();
}

Result<SqlRows> Servers::ask(Side side, const std::string& text) {
  const char* name = kSides[static_cast<int>(side)];
  const auto opened = session(side);
  if (!opened.ok()) return in_context(name, opened.error());
  auto rows = opened.value()->ask(text);
  if (!rows.ok()) return in_context(name, rows.error());
  return rows;
}

Result<Seen> Servers::look() {
  Seen seen;
  if (const auto looked = look_at_primary(seen); !looked.ok()) return looked.error();
  if (const auto looked = look_at_slots(seen); !looked.ok()) return looked.error();
  if (const auto looked = look_at_secondary(seen); !looked.ok()) return looked.error();
  return seen;
}

Result<Seen> Servers::look_until_followed() {
  const auto end = steady_clock::now() + kFollowMax;
  std::optional<std::uint64_t> written;
  for (;;) {
    auto seen = look();
    if (!seen.ok()) return seen;
    Seen& now = seen.value();
    if (!written) written = now.written;
    now.written = *written;
    const SlotSeen* slot = now.followed();
    const bool follows = now.subscription && now.subscription->enabled && slot != nullptr;
    const bool waits = follows && !slot->lost && (!slot->active || slot->confirmed < *written);
    if (!waits || stop_.stop_requested() || steady_clock::now() >= end) return seen;
    std::this_thread::sleep_for(kLook);
  }
}

Status Servers::look_at_primary(Seen& seen) {
  const auto facts = ask(
      Side::primary,
      fmt::format("select current_setting('wal_level') = 'logical', exists (select from pg_roles "
                  "where rolname = 'tandem_stream' and rolreplication and rolcanlogin), (select "
                  "pg_get_userbyid(pubowner) = current_user from pg_publication where pubname = "
                  "'{}'), case when "
                  "pg_is_in_recovery() then '0' else "
                  "pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::text end",
                  kPublication));
  if (!facts.ok()) return facts.error();
  const SqlRow& row = facts.value().rows.at(0);
  seen.logical = row[0] == "t";
  seen.role = row[1] == "t";
  seen.written = number_in<std::uint64_t>(row[3]);
  seen.foreign_publication = row[2] == "f";
  if (row[2] == "t") {
    const auto tables =
        ask(Side::primary, fmt::format("select tablename::text from pg_publication_tables where "
                                       "pubname = '{}' and schemaname = 'public'",
                                       kPublication));
    if (!tables.ok()) return tables.error();
    seen.published = names_in(tables.value());
  }
  const auto able = ask(Side::primary, std::string(kPublishable));
  if (!able.ok()) return able.error();
  for (const SqlRow& each : able.value().rows) {
    const std::string table = each[0].value_or("");
    if (left_out_because(places_.product, table, places_.exclude_tables)) continue;
    (each[1] == "t" ? seen.wanted : seen.keyless).insert(table);
  }
  return success();
}

Status Servers::look_at_slots(Seen& seen) {
  const auto slots =
      ask(Side::primary,
          "select slot_name::text, active, coalesce(wal_status, 'lost') = 'lost', case when "
          "pg_is_in_recovery() then 0 else coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), "
          "restart_lsn), 0) end::bigint, pg_wal_lsn_diff(confirmed_flush_lsn, '0/0')::text from "
          "pg_replication_slots where slot_type = 'logical' and "
          "database = current_database() and slot_name ~ '^tandem_[0-9a-f]{16}$'");
  if (!slots.ok()) return slots.error();
  for (const SqlRow& row : slots.value().rows) {
    SlotSeen slot;
    slot.name = row[0].value_or("");
    slot.active = row[1] == "t";
    slot.lost = row[2] == "t";
    slot.kept_bytes = number_in<std::uint64_t>(row[3]);
    slot.confirmed = number_in<std::uint64_t>(row[4]);
    seen.slots.push_back(std::move(slot));
  }
  return success();
}

Status Servers::look_at_secondary(Seen& seen) {
  const auto found = ask(Side::secondary, look_text());
  if (!found.ok()) return found.error();
  if (found.value().rows.empty()) return success();
  const SqlRow& row = found.value().rows.front();
  SubscriptionSeen subscription;
  subscription.ours = row[0] == "t";
  subscription.enabled = row[1] == "t";
  subscription.slot = row[2].value_or("");
  subscription.applies = row[3] == "t";
  subscription.errors = number_in<std::uint64_t>(row[4]);
  const auto tables =
      ask(Side::secondary,
          fmt::format("select c.relname::text from pg_subscription_rel r join pg_subscription s on "
                      "s.oid = r.srsubid join pg_class c on c.oid = r.srrelid and c.relnamespace = "
                      "'public'::regnamespace where {}",
                      kOurs));
  if (!tables.ok()) return tables.error();
  subscription.tables = names_in(tables.value());
  seen.subscription = std::move(subscription);
  return success();
}

Status Servers::publish(const std::set<std::string>& tables) {
  std::string list;
  for (const std::string& table : tables) list += (list.empty() ? "" : ", ") + sql_table(table);
  // A publication of none is made and never set: SET wants one table at least.
  std::string text =
      fmt::format("drop publication if exists {0}; create publication {0}", kPublication);
  if (!list.empty()) text += " for table " + list;
  const auto done = ask(Side::primary, text);
  return done.ok() ? success() : Status(done.error());
}

Status Servers::drop_publication() {
  const auto done = ask(Side::primary, fmt::format("drop publication if exists {}", kPublication));
  return done.ok() ? success() : Status(done.error());
}

Status Servers::drop_slots(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto end = steady_clock::now() + kPauseMax;
    for (;;) {
      // Nobody of ours follows it; what still does was cut off, and would notice late.
      const auto dropped =
          ask(Side::slots,
              "select pg_terminate_backend(active_pid) from pg_replication_slots where active and "
              "slot_name = " +
                  sql_text(name) +
                  ";"
                  "select pg_drop_replication_slot(slot_name) from pg_replication_slots "
                  "where not active and slot_name = " +
                  sql_text(name));
      if (!dropped.ok() && dropped.error().fault != Fault::not_found) return dropped.error();
      const auto left = ask(Side::slots,
                            "select count(*) from pg_replication_slots where "
                            "slot_name = " +
                                sql_text(name));
      if (!left.ok()) return left.error();
      if (left.value().rows.at(0).at(0) == "0") break;
      if (stop_.stop_requested() || steady_clock::now() >= end)
        return Error{Fault::timed_out, "primary: somebody still follows the slot " + name};
      std::this_thread::sleep_for(kLook);
    }
  }
  return success();
}

Status Servers::end_subscription() {
  const auto done = ask(Side::secondary, end_subscription_text());
  return done.ok() ? success() : Status(done.error());
}

Status Servers::pause() {
  const auto paused = ask(Side::secondary, pause_text());
  if (!paused.ok()) return paused.error();
  const auto end = steady_clock::now() + kPauseMax;
  for (;;) {
    const auto runs = ask(Side::secondary,
                          fmt::format("select exists (select from pg_subscription s, lateral "
                                      "pg_stat_get_subscription(s.oid) w where w.pid is not null "
                                      "and {})",
                                      kOurs));
    if (!runs.ok()) return runs.error();
    if (runs.value().rows.at(0).at(0) == "f") return success();
    if (stop_.stop_requested() || steady_clock::now() >= end)
      return Error{Fault::timed_out, "secondary: the worker of the subscription does not end"};
    std::this_thread::sleep_for(kLook);
  }
}

Result<NewSlot> Servers::begin_slot() {
  SqlTarget target = places_.slots;
  target.dsn += " replication=database";
  auto opened = databases_.open(target, stop_);
  if (!opened.ok()) return in_context("primary", opened.error());
  NewSlot slot;
  slot.name = new_slot_name();
  slot.keeper = std::move(opened).value();
  slot.keeper->set_patience(kSlotMax);
  const auto made = slot.keeper->ask(
      fmt::format("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'export')", slot.name));
  if (!made.ok()) return in_context("primary", made.error());
  const SqlRow& row = made.value().rows.at(0);
  slot.begins = row.at(1).value_or("");
  slot.snapshot = row.at(2).value_or("");
  return slot;
}

Result<std::set<std::string>> Servers::under_way(const std::string& slot, const std::string& end) {
  // Of a change pgoutput tells its kind in the first byte and its table's number in the next four.
  const auto found =
      ask(Side::slots,
          fmt::format("with c as (select data from pg_logical_slot_peek_binary_changes({}, {}, {}, "
                      "'proto_version', '1', 'publication_names', '{}')), t as (select "
                      "get_byte(data, 0) as kind, get_byte(data, 1)::bigint * 16777216 + "
                      "get_byte(data, 2) * 65536 + get_byte(data, 3) * 256 + get_byte(data, 4) as "
                      "relation from c where length(data) > 5) select distinct r.relname::text, "
                      "(select count(*) from c) from t join pg_class r on r.oid::bigint = "
                      "t.relation where t.kind in (73, 85, 68)",
                      sql_text(slot), sql_text(end), kUnderWayMax, kPublication));
  if (!found.ok()) return found.error();
  const auto& rows = found.value().rows;
  if (!rows.empty() && number_in<std::int64_t>(rows.front().at(1)) >= kUnderWayMax)
    return Error{Fault::too_large, "primary: more changes were under way than are told apart"};
  return names_in(found.value());
}

}  // namespace tandem::stream
