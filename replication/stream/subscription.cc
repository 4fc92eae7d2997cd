#include "replication/stream/subscription.h"

#include <fmt/format.h>

#include "core/digest.h"
#include "pbx/postgres_password.h"
#include "replication/database/sql_text.h"
#include "replication/stream/state.h"

namespace tandem::stream {
namespace {

constexpr std::size_t kMadeForDigits = 16;

constexpr std::string_view kOurs = R"(s.subname = 'tandem' and s.subdbid =
  (select oid from pg_database where datname = current_database()))";

}  // namespace

std::string made_for(const std::string& connection) {
  return "made by Tandem for the connection " + sha256(connection).substr(0, kMadeForDigits);
}

std::string make_subscription_text(const std::string& connection) {
  return fmt::format(
      R"(begin;
create subscription {0} connection {1} publication {2} with (create_slot = false,
  enabled = false, copy_data = false, slot_name = '{3}', disable_on_error = true);
alter role {4} superuser;
alter subscription {0} owner to {4};
alter role {4} nosuperuser;
comment on subscription {0} is {5};
grant execute on function pg_catalog.pg_replication_origin_progress(text, boolean) to {4};
commit;
)",
      kSubscription, sql_text(connection), kPublication, kUnseeded, kPostgresRole,
      sql_text(made_for(connection)));
}

std::string end_subscription_text() {
  return fmt::format(R"(do $$ begin
  if exists (select from pg_subscription s where {0}
             and pg_get_userbyid(s.subowner) = current_user) then
    alter subscription {1} disable;
    alter subscription {1} set (slot_name = none);
    drop subscription {1};
  end if;
end $$)",
                     kOurs, kSubscription);
}

std::string pause_text() {
  return fmt::format(R"(do $$ begin
  if exists (select from pg_subscription s where {0} and s.subenabled
             and pg_get_userbyid(s.subowner) = current_user) then
    alter subscription {1} disable;
  end if;
end $$)",
                     kOurs, kSubscription);
}

std::string look_text() {
  return fmt::format(
      "select pg_get_userbyid(s.subowner) = current_user, s.subenabled, coalesce(s.subslotname, "
      "''), exists (select from pg_stat_get_subscription(s.oid) w where w.pid is not null), "
      "coalesce(e.apply_error_count, 0), coalesce(obj_description(s.oid, 'pg_subscription'), ''), "
      "exists (select from pg_stat_get_subscription(s.oid) w where w.pid is not null and "
      "w.last_msg_receipt_time > '-infinity') from pg_subscription s left join "
      "pg_stat_subscription_stats e on e.subid = s.oid where {}",
      kOurs);
}

std::string progress_text() {
  return fmt::format(
      "select coalesce(pg_wal_lsn_diff(pg_replication_origin_progress('pg_' || s.oid, false), "
      "'0/0'), 0)::text from pg_subscription s where {}",
      kOurs);
}

std::string comes_in_text() {
  return fmt::format("select exists (select from pg_subscription s where {} and s.subenabled)",
                     kOurs);
}

std::string raise_sequences_text() {
  return R"(do $$ declare s record; top bigint; begin
  for s in select q.oid::regclass::text as sequence, t.oid::regclass::text as tab, a.attname as col
    from pg_class q
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = q.oid
      and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_class t on t.oid = d.refobjid
    join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    where q.relkind = 'S' and q.relnamespace = 'public'::regnamespace
  loop
    execute format('select max(%I)::bigint from %s', s.col, s.tab) into top;
    if top is not null then
      execute format('select setval(%L, $1) from %s where last_value < $1 or (last_value = $1 and '
        'not is_called)', s.sequence, s.sequence) using top;
    end if;
  end loop;
end $$)";
}

}  // namespace tandem::stream
