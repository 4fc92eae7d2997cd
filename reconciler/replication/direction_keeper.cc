#include "reconciler/replication/direction_keeper.h"

#include <fmt/format.h>

#include <utility>

#include "replication/database/own_schema.h"
#include "replication/database/sql_cells.h"

namespace tandem {
namespace {

using std::chrono::seconds;

bool lets_in(const DirectionSaid& said) {
  switch (said.state) {
    case NodeState::standby:
    case NodeState::suspect:
    case NodeState::isolated: break;
    default: return false;
  }
  return said.role == Role::secondary && said.standing_by && said.closed.empty() && !said.upgrading;
}

// By whatever hand.
bool serves_here(const DirectionSaid& said) {
  return said.role == Role::secondary && (has_begun_to_serve(said.state) || !said.standing_by);
}

}  // namespace

Direction direction_row(const DirectionSaid& said) {
  Direction row;
  row.pair = said.pair->name;
  row.node = said.node;
  row.role = role_name(said.role);
  row.state = state_name(said.state);
  if (!said.closed.empty()) row.state += ", " + said.closed;
  row.standing_by = lets_in(said);
  if (said.role == Role::secondary) row.accepted_primary = said.pair->primary.name;
  row.wizard_passed = said.wizard_passed;
  row.spec_hash = said.spec_sha256;
  row.epoch = static_cast<std::int64_t>(said.epoch);
  return row;
}

DirectionKeeper::DirectionKeeper(Parts parts)
    : parts_(std::move(parts)),
      signal_(parts_.clock.make_signal()),
      yielded_(parts_.clock.make_signal()) {}

bool copies_are_ours(const DirectionSaid& said) {
  return said.pair != nullptr && said.pair->enabled && said.role != Role::off &&
         said.pair->replication.owner == Owner::tandem;
}

Task<void> DirectionKeeper::run() {
  while (!stopping_) {
    DirectionSaid said = parts_.said();
    const int asked = yields_asked_;
    const bool yields = asked > yields_done_;
    const bool was_in_charge = std::exchange(in_charge_, copies_are_ours(said));
    if (was_in_charge && !in_charge_) {
      error_.reset();
      written_.reset();
      held_.reset();
      known_ = false;
      parts_.changed();
    }
    if (in_charge_) {
      left_open_ = true;
      co_await turn(std::move(said), yields);
    } else if (left_open_ && parts_.clock.now() >= not_before_) {
      co_await shut();
    }
    if (yields) {
      yields_done_ = asked;
      yielded_->notify();
      continue;
    }
    co_await parts_.clock.wait(*signal_, parts_.clock.next_turn(kTurn));
  }
  // Nobody is there from now on to shut it when another hand makes the node serve.
  if (left_open_) co_await shut();
  ended_ = true;
}

// Without a password there is no row of ours.
Task<void> DirectionKeeper::shut() {
  auto own = parts_.own();
  Status done = success();
  if (own.ok()) {
    SqlTarget target = std::move(own).value();
    done = co_await shut_direction(parts_.sql, target);
  }
  left_open_ = !done.ok();
  not_before_ = done.ok() ? Instant{} : parts_.clock.now() + kRetryShut;
}

void DirectionKeeper::stop() {
  stopping_ = true;
  signal_->notify();
}

// The row is written when it says something else, each kDirectionRefresh, and for a yield.
Task<void> DirectionKeeper::turn(DirectionSaid said, bool yields) {
  Direction row = direction_row(said);
  shut_ = yields || (shut_ && row.standing_by);
  if (shut_) row.standing_by = false;
  const bool serves = serves_here(said) || (shut_ && said.role == Role::secondary);
  if (!serves) {
    noted_ = note_tried_ = false;
    quiet_.reset();
  }
  const bool notes = serves && !noted_;
  const Instant now = parts_.clock.now();
  const bool may_come = said.role == Role::secondary;  // a copy of the primary's
  const bool looks = may_come && known_ && !held_ && now >= looked_ + kLookAgain;
  if (looks && !yields) (void)co_await read();
  const bool fresh = written_ == row && now - written_at_ < kDirectionRefresh && !notes;
  if (!yields && (fresh || now < not_before_)) co_return;
  // A node that somebody else made serve: a copy that is under way there must not commit.
  const bool ends = yields || (said.role == Role::secondary && !row.standing_by &&
                               (!written_ || written_->standing_by));
  Direction told = row;
  const auto free = parts_.disk_free();
  if (free) told.disk_free_bytes = *free;
  if (notes) co_await look_back(yields);
  Status written = co_await write(std::move(told), ends);
  // After the row is shut: what a copy that ran until then has journalled is over, and what follows
  // is this time's.
  if (notes && written.ok()) written = co_await note(said, yields);
  Status seen = success();
  if (written.ok() && !yields) seen = co_await read();
  const bool failed = !written.ok() || !seen.ok();
  const bool answers_anew = !written_ || written_->standing_by != row.standing_by;
  if (written.ok()) {
    written_ = row;
    written_at_ = now;
  } else {
    written_.reset();
  }
  const auto pause = row.standing_by ? kRetry : kRetryShut;
  not_before_ = failed ? parts_.clock.now() + pause : Instant{};
  const bool had_failed = error_.has_value();
  error_.reset();
  if (!written.ok()) error_ = written.error();
  if (written.ok() && !seen.ok()) error_ = seen.error();
  if (had_failed != failed || answers_anew) parts_.changed();
}

Task<Status> DirectionKeeper::write(Direction row, bool ends) {
  auto own = parts_.own();
  if (!own.ok()) co_return own.error();
  SqlTarget target = std::move(own).value();
  // An error is told by conditions(); a row that could not be written lets nobody in for long.
  if (!ends) {
    const Status written = co_await write_direction(parts_.sql, target, row);
    co_return written;
  }
  const Status written = co_await end_copies_and_write(parts_.sql, target, row);
  co_return written;
}

// At a yield nothing has been served yet, and the number of now counts; later it does not.
Task<void> DirectionKeeper::look_back(bool yields) {
  if ((yields && !note_tried_) || quiet_) co_return;
  auto own = parts_.own();
  if (!own.ok()) co_return;
  SqlTarget target = std::move(own).value();
  auto quiet = co_await last_quiet(parts_.sql, std::move(target));
  if (quiet.ok()) quiet_ = std::move(quiet).value();
}

Task<Status> DirectionKeeper::note(DirectionSaid said, bool yields) {
  if (!yields && !quiet_)
    co_return Error{Fault::unavailable, "since when this node may serve was not read"};
  auto own = parts_.own();
  if (!own.ok()) co_return own.error();
  const SqlTarget target = std::move(own).value();
  ActivationFacts facts;
  facts.node = said.node;
  facts.epoch = static_cast<std::int64_t>(said.epoch);
  facts.late = quiet_;
  if (note_tried_ && !facts.late) facts.late.emplace();
  note_tried_ = true;
  Status written = co_await record_activation(parts_.sql, target, facts);
  if (!written.ok() && written.error().fault == Fault::not_found) {
    const Status made = co_await make_own_schema(parts_.sql, target);
    if (made.ok()) written = co_await record_activation(parts_.sql, target, std::move(facts));
  }
  noted_ = written.ok();
  co_return written;
}

Task<Status> DirectionKeeper::read() {
  auto own = parts_.own();
  if (!own.ok()) co_return own.error();
  SqlTarget target = std::move(own).value();
  // Those that an earlier version has not made.
  if (!schema_made_) {
    const Status made = co_await make_own_schema(parts_.sql, target);
    if (!made.ok()) co_return made;
    schema_made_ = true;
  }
  SqlStatement statement;
  statement.text =
      "select primary_name, hash, tables, extract(epoch from clock_timestamp() - "
      "proven_at)::bigint "
      "from tandem.copy";
  statement.deadline = kStatementMax;
  const auto found = co_await parts_.sql.query(std::move(target), std::move(statement));
  if (!found.ok()) co_return in_context("what is held here was not read", found.error());
  const auto before = held_;
  looked_ = parts_.clock.now();
  held_.reset();
  if (!found.value().rows.empty()) {
    const auto& cells = found.value().rows.front();
    CopyHeld held;
    held.primary = cells.at(0).value_or("");
    held.hash = cells.at(1).value_or("");
    held.tables = number_in<std::uint64_t>(cells.at(2));
    held.age = seconds(number_in<std::int64_t>(cells.at(3)));
    held.read = parts_.clock.now();
    held_ = held;
    const HAPair* pair = parts_.said().pair;
    const bool of_primary = pair != nullptr && pair->primary.name == held.primary;
    if (of_primary && parts_.holds_its_copy) parts_.holds_its_copy();
  }
  if (!known_ || before.has_value() != held_.has_value()) parts_.changed();
  known_ = true;
  co_return success();
}

Task<void> DirectionKeeper::yield() {
  const int mine = ++yields_asked_;
  signal_->notify();
  const Instant limit = parts_.clock.now() + kYieldMax;
  while (yields_done_ < mine && !stopping_ && parts_.clock.now() < limit)
    co_await parts_.clock.wait(*yielded_, limit);
}

std::optional<WallTime> DirectionKeeper::proven() const {
  if (!held_) return std::nullopt;
  const auto age = held_->age + (parts_.clock.now() - held_->read);
  return parts_.clock.wall() - std::chrono::duration_cast<WallTime::duration>(age);
}

std::vector<Condition> DirectionKeeper::conditions() const {
  if (!in_charge_) return {};
  Condition condition{"DirectionWritten", Truth::unknown, "NotYet",
                      "the row in the own database, by which copies are let in, is not written yet",
                      true};
  if (error_) {
    condition.status = Truth::no;
    condition.reason = error_->fault == Fault::denied ? "NotPermitted" : "NotReached";
    condition.message = fmt::format(
        "the row in the own database, by which copies are let in, can not be kept: {}; "
        "see PostgresAccessReady",
        error_->message);
  } else if (written_) {
    condition.status = Truth::yes;
    condition.reason = written_->standing_by ? "LetsIn" : "LetsNobodyIn";
    condition.message = written_->standing_by
                            ? fmt::format("{} may write a copy into this node's database",
                                          written_->accepted_primary)
                            : fmt::format("this node, the {}, is {}: its database takes no copy",
                                          written_->role, written_->state);
  }
  return {condition};
}

}  // namespace tandem
