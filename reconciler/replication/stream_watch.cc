#include "reconciler/replication/stream_watch.h"

#include <fmt/format.h>

#include <utility>

#include "replication/database/sql_cells.h"
#include "replication/stream/state.h"

namespace tandem {
namespace {

using std::chrono::microseconds;

constexpr std::string_view kLook = R"(
select s.active::text, coalesce(extract(epoch from r.replay_lag) * 1000000, 0)::bigint::text,
  coalesce(extract(epoch from clock_timestamp() - r.reply_time), 0)::bigint::text,
  coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), 0)::bigint::text
from pg_replication_slots s left join pg_stat_replication r on r.pid = s.active_pid
where s.slot_type = 'logical' and s.database = current_database()
  and s.slot_name ~ '^tandem_[0-9a-f]{16}$' order by s.active desc limit 1)";

}  // namespace

Task<void> StreamWatch::run() {
  while (!stopping_) {
    if (parts_.upgrading()) {
      if (!withdrawn_) co_await withdraw();
    } else {
      withdrawn_ = false;
    }
    if (parts_.streams()) {
      co_await look();
    } else {
      shown_.reset();
      fetched_.reset();
      told_ = false;
    }
    co_await parts_.clock.wait(*signal_, parts_.clock.next_turn(kTurn));
  }
  ended_ = true;
}

void StreamWatch::stop() {
  stopping_ = true;
  signal_->notify();
}

// The copy publishes again when it may be made again, and begins the stream anew.
Task<void> StreamWatch::withdraw() {
  auto own = parts_.own();
  if (!own.ok()) co_return;
  SqlTarget target = std::move(own).value();
  SqlStatement statement;
  statement.text = fmt::format("drop publication if exists {}", stream::kPublication);
  statement.deadline = kStatementMax;
  const auto done = co_await parts_.sql.query(std::move(target), std::move(statement));
  // One of somebody else's is not ours to withdraw.
  withdrawn_ = done.ok() || done.error().fault == Fault::denied;
}

Task<void> StreamWatch::look() {
  auto slots = parts_.slots();
  if (!slots.ok()) {
    shown_.reset();
    co_return;
  }
  SqlTarget target = std::move(slots).value();
  SqlStatement statement;
  statement.text = kLook;
  statement.deadline = kStatementMax;
  statement.on_kept = true;  // who follows the slot has the database open anyhow
  const auto found = co_await parts_.sql.query(std::move(target), std::move(statement));
  if (!found.ok()) {
    shown_.reset();
    co_return;
  }
  take_up(found.value());
}

void StreamWatch::take_up(const SqlRows& rows) {
  const Instant now = parts_.clock.now();
  StreamShown shown;
  if (!rows.rows.empty()) {
    const auto& row = rows.rows.front();
    const auto silent = std::chrono::seconds(number_in<std::int64_t>(row.at(2)));
    shown.active = row.at(0) == "true" && silent < kSilentMax;
    shown.kept_bytes = number_in<std::uint64_t>(row.at(3));
    if (shown.active) {
      shown.lag = microseconds(number_in<std::int64_t>(row.at(1)));
      fetched_ = now;
      told_ = false;
    }
  }
  if (!shown.active && fetched_)
    shown.lag = std::chrono::duration_cast<microseconds>(now - *fetched_);
  shown_ = shown;
  if (shown.active || told_ || !fetched_ || now - *fetched_ < kStandsMax) return;
  told_ = true;
  parts_.stands();
}

}  // namespace tandem
