#include "replication/database/pair_sessions.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "replication/database/awake_session.h"
#include "replication/database/settings.h"
#include "replication/database/sql_cells.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

// Not the view pg_stat_activity but functions: they cost nothing, and any role may call them.
constexpr std::string_view kFacts = R"(
select pg_is_in_recovery(), (select system_identifier::text from pg_control_system()),
  case when pg_is_in_recovery() then '0'
    else pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text end,
  txid_snapshot_xmax(txid_current_snapshot())::text, pg_try_advisory_lock({}))";

Result<ServerFacts> facts_of(DatabaseSession& session) {
  const auto found = session.ask(fmt::format(kFacts, kCopyLock));
  if (!found.ok()) return found.error();
  const SqlRow& row = found.value().rows.at(0);
  ServerFacts facts;
  facts.in_recovery = row[0] == "t";
  facts.system_identifier = row[1].value_or("");
  facts.wal_position = number_in<std::uint64_t>(row[2]);
  facts.transaction = number_in<std::uint64_t>(row[3]);
  facts.no_other_copy = row[4] == "t";
  facts.version = session.version();
  return facts;
}

// A lock with a number that nobody else can know, taken on one and looked for on the other.
Result<bool> is_one_server(DatabaseSession& primary, DatabaseSession& secondary) {
  std::random_device chance;
  const std::uint32_t high = chance() & 0x7fffffffU, low = chance();
  const std::int64_t number = (static_cast<std::int64_t>(high) << 32) | low;
  const auto taken = primary.ask(fmt::format("select pg_advisory_lock({})", number));
  if (!taken.ok()) return in_context("primary", taken.error());
  const auto seen = secondary.ask(
      fmt::format("select count(*) from pg_locks where locktype = 'advisory' and classid::bigint = "
                  "{} and objid::bigint = {}",
                  high, low));
  if (!seen.ok()) return in_context("secondary", seen.error());
  return seen.value().rows.at(0).at(0) != "0";
}

}  // namespace

Result<std::unique_ptr<DatabaseSession>> open_copy_session(Databases& databases,
                                                           const SqlTarget& target, ServerDuty duty,
                                                           std::stop_token stop) {
  auto opened = databases.open(target, std::move(stop));
  if (!opened.ok()) return opened.error();
  std::unique_ptr<DatabaseSession> session =
      std::make_unique<AwakeSession>(std::move(opened).value());
  if (const auto settled = settle_session(*session, duty); !settled.ok()) return settled.error();
  return session;
}

Status PairSessions::add(Sessions& sessions, const SqlTarget& target, std::stop_token stop) {
  const auto duty = &sessions == &primaries_ ? ServerDuty::serves : ServerDuty::stands_by;
  auto opened = open_copy_session(databases_, target, duty, std::move(stop));
  if (!opened.ok()) return opened.error();
  sessions.push_back(std::move(opened).value());
  return success();
}

Result<std::unique_ptr<DatabaseSession>> PairSessions::open_beside(const CopyOrder& order,
                                                                   std::stop_token stop) {
  const auto snapshot = primary().ask("select pg_export_snapshot()");
  if (!snapshot.ok()) return in_context("primary", snapshot.error());
  auto opened = open_copy_session(databases_, order.primary, ServerDuty::serves, std::move(stop));
  if (!opened.ok()) return in_context("primary", opened.error());
  const auto begun = opened.value()->ask(
      "begin isolation level repeatable read, read only; set transaction snapshot " +
      sql_text(snapshot.value().rows.at(0).at(0).value_or("")));
  if (!begun.ok()) return in_context("primary", begun.error());
  return opened;
}

Status PairSessions::open(const CopyOrder& order, std::stop_token stop) {
  if (const auto added = add(primaries_, order.primary, stop); !added.ok())
    return in_context("primary", added.error());
  if (const auto added = add(secondaries_, order.secondary, stop); !added.ok())
    return in_context("secondary", added.error());
  return success();
}

Result<NodesSeen> PairSessions::look() {
  NodesSeen seen;
  const auto one = is_one_server(primary(), secondary());
  if (!one.ok()) return one.error();
  seen.same_server = one.value();
  if (seen.same_server) return seen;
  auto ours = facts_of(primary());
  if (!ours.ok()) return in_context("primary", ours.error());
  seen.primary = std::move(ours).value();
  auto theirs = facts_of(secondary());
  if (!theirs.ok()) return in_context("secondary", theirs.error());
  seen.secondary = std::move(theirs).value();
  auto direction = read_direction(secondary(), RowLock::none);
  if (!direction.ok()) return in_context("secondary", direction.error());
  seen.direction = std::move(direction).value();
  return seen;
}

Status PairSessions::share_snapshot(Sessions& sessions, const SqlTarget& target, int lanes,
                                    std::stop_token stop) {
  if (lanes <= 1) return success();
  const auto snapshot = sessions.front()->ask("select pg_export_snapshot()");
  if (!snapshot.ok()) return snapshot.error();
  const std::string name = sql_text(snapshot.value().rows.at(0).at(0).value_or(""));
  for (int i = 1; i < std::min(lanes, kLanesMax); ++i) {
    if (const auto added = add(sessions, target, stop); !added.ok()) return added;
    const auto begun = sessions.back()->ask(
        "begin isolation level repeatable read, read only; set transaction snapshot " + name);
    if (!begun.ok()) return begun.error();
  }
  return success();
}

Result<DirectionSeen> PairSessions::begin(const CopyOrder& order, std::stop_token stop) {
  if (const auto begun = secondary().ask("begin isolation level repeatable read"); !begun.ok())
    return in_context("secondary", begun.error());
  auto direction = read_direction(secondary(), RowLock::shared);
  if (!direction.ok()) return in_context("secondary", direction.error());
  const std::string taken = order.snapshot ? "set transaction snapshot " + sql_text(*order.snapshot)
                                           : std::string("select txid_current_snapshot()");
  if (const auto begun =
          primary().ask("begin isolation level repeatable read, read only; " + taken);
      !begun.ok())
    return in_context("primary", begun.error());
  if (const auto shared = share_snapshot(primaries_, order.primary, order.lanes, stop);
      !shared.ok())
    return in_context("primary", shared.error());
  if (const auto shared = share_snapshot(secondaries_, order.secondary, order.lanes, stop);
      !shared.ok())
    return in_context("secondary", shared.error());
  return direction;
}

Result<std::unique_ptr<DatabaseSession>> PairSessions::begin_beside(const CopyOrder& order,
                                                                    std::stop_token stop) {
  const auto snapshot = secondary().ask("select pg_export_snapshot()");
  if (!snapshot.ok()) return snapshot.error();
  Sessions sessions;
  if (const auto added = add(sessions, order.secondary, std::move(stop)); !added.ok())
    return added.error();
  const auto begun =
      sessions.back()->ask("begin isolation level repeatable read; set transaction snapshot " +
                           sql_text(snapshot.value().rows.at(0).at(0).value_or("")));
  if (!begun.ok()) return begun.error();
  return std::move(sessions.back());
}

void PairSessions::end_helpers() {
  for (std::size_t i = 1; i < secondaries_.size(); ++i) helpers_bytes_ += secondaries_[i]->bytes();
  primaries_.resize(1);
  secondaries_.resize(1);
}

std::uint64_t PairSessions::bytes() const {
  std::uint64_t sum = helpers_bytes_;
  for (const auto& session : secondaries_) sum += session->bytes();
  return sum;
}

}  // namespace tandem
