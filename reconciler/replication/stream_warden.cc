#include "reconciler/replication/stream_warden.h"

#include <fmt/format.h>

#include <utility>

#include "replication/stream/subscription.h"

namespace tandem {

bool takes_streams(const DirectionSaid& said) {
  return said.role == Role::secondary && copies_are_ours(said) &&
         said.pair->replication.database_mode == Replication::DatabaseMode::stream;
}

WardenStep warden_step(bool takes, bool lets_in, bool serves,
                       const std::optional<SubscriptionHeld>& held) {
  if (held && !held->ours) return WardenStep::nothing;
  if (!takes || serves) return held ? WardenStep::end : WardenStep::nothing;
  if (!lets_in) return held && held->enabled ? WardenStep::pause : WardenStep::nothing;
  if (held && held->stale) return WardenStep::end;
  return held ? WardenStep::nothing : WardenStep::make;
}

StreamWarden::StreamWarden(Parts parts)
    : parts_(std::move(parts)),
      signal_(parts_.clock.make_signal()),
      yielded_(parts_.clock.make_signal()) {}

Task<void> StreamWarden::run() {
  while (!stopping_) {
    const DirectionSaid said = parts_.said();
    const int asked = yields_asked_;
    const bool yields = asked > yields_done_;
    co_await turn(said, yields);
    if (yields) {
      yields_done_ = asked;
      yielded_->notify();
      continue;
    }
    co_await parts_.clock.wait(*signal_, parts_.clock.next_turn(kTurn));
  }
  if (!known_ || (held_ && held_->ours && held_->enabled))
    (void)co_await act(WardenStep::pause, false);
  ended_ = true;
}

void StreamWarden::stop() {
  stopping_ = true;
  signal_->notify();
}

Task<void> StreamWarden::turn(const DirectionSaid& said, bool yields) {
  const bool takes = takes_streams(said);
  const bool row_open = said.pair != nullptr && direction_row(said).standing_by;
  shut_ = yields || (shut_ && row_open);
  const bool lets_in = row_open && !shut_;
  const bool serves = shut_ || has_begun_to_serve(said.state);
  const bool is_new = yields || takes != takes_ || lets_in != lets_in_;
  takes_ = takes;
  lets_in_ = lets_in;
  const Instant now = parts_.clock.now();
  // Where none is declared and none is there, none comes either.
  const bool idle = !takes && known_ && !held_;
  if (!is_new && (idle || now < not_before_ || (known_ && now < looked_ + kLookEvery))) co_return;

  const auto before = std::make_tuple(held_, error_, cut_);
  // The next copy sets them.
  if (lets_in) raise_due_ = false;
  Status done = co_await look();
  // What can not be looked at is ended all the same, where it must not be.
  WardenStep step = warden_step(takes, lets_in, serves, held_);
  if (!done.ok() && (!takes || serves)) step = WardenStep::end;
  // Whoever ended it just before: what it brought is there.
  if (yields && takes) raise_due_ = true;
  if (done.ok() || step == WardenStep::end) done = co_await act(step, serves);
  tried_ = step;
  error_.reset();
  if (!done.ok()) error_ = done.error();
  const bool waits =
      !done.ok() && !raise_due_ && (step == WardenStep::make || step == WardenStep::nothing);
  not_before_ = waits ? now + kRetry : Instant{};
  if (!done.ok() && !waits) known_ = false;  // tried again at the next turn
  if (before != std::make_tuple(held_, error_, cut_)) parts_.changed();
}

Task<Status> StreamWarden::look() {
  auto own = parts_.own();
  // Without a password there is no role of ours, and no subscription of it.
  if (!own.ok()) {
    known_ = true;
    held_.reset();
    looked_ = parts_.clock.now();
    if (takes_) co_return own.error();
    co_return success();
  }
  SqlTarget target = std::move(own).value();
  SqlStatement statement;
  statement.text = stream::look_text();
  statement.deadline = kStatementMax;
  statement.on_kept = held_.has_value();  // then the subscription has the database open anyhow
  const auto found = co_await parts_.sql.query(std::move(target), std::move(statement));
  if (!found.ok()) co_return in_context("the own database was not asked", found.error());
  known_ = true;
  looked_ = parts_.clock.now();
  held_.reset();
  if (!found.value().rows.empty()) take_up(found.value().rows.front());
  if (!held_ || !held_->enabled || held_->connected) cut_since_.reset();
  if (held_ && held_->enabled && !held_->connected && !cut_since_) cut_since_ = looked_;
  cut_ = cut_since_ && looked_ - *cut_since_ >= kCutMax;
  co_return success();
}

void StreamWarden::take_up(const SqlRow& row) {
  held_ = SubscriptionHeld{row.at(0) == "t", row.at(1) == "t"};
  const auto connection = parts_.connection();
  held_->stale = connection.ok() && row.at(5) != stream::made_for(connection.value());
  held_->connected = row.at(6) == "t";
}

Task<Status> StreamWarden::tell(std::string text) {
  auto own = parts_.own();
  if (!own.ok()) co_return own.error();
  SqlTarget target = std::move(own).value();
  SqlStatement statement;
  statement.text = std::move(text);
  statement.deadline = kStatementMax;
  const auto done = co_await parts_.sql.query(std::move(target), std::move(statement));
  if (!done.ok()) co_return done.error();
  co_return success();
}

Task<Status> StreamWarden::act(WardenStep step, bool serves) {
  Status done = success();
  switch (step) {
    case WardenStep::nothing: break;
    case WardenStep::make: done = co_await make(); break;
    case WardenStep::pause:
      done = co_await tell(stream::pause_text());
      if (!done.ok()) break;
      if (held_) held_->enabled = false;
      // The node may be made to serve by hand now.
      raise_due_ = true;
      break;
    case WardenStep::end:
      done = co_await tell(stream::end_subscription_text());
      if (!done.ok()) break;
      held_.reset();
      raise_due_ = raise_due_ || serves;
      break;
  }
  // Late keys are worse than none: what fails here fails calls, not the takeover.
  if (done.ok() && raise_due_) {
    done = co_await tell(stream::raise_sequences_text());
    raise_due_ = !done.ok();
  }
  co_return done;
}

Task<Status> StreamWarden::make() {
  auto connection = parts_.connection();
  if (!connection.ok()) co_return connection.error();
  std::string text = stream::make_subscription_text(connection.value());
  const Status made = co_await parts_.as_superuser(std::move(text));
  if (made.ok()) held_ = SubscriptionHeld{true, false};
  co_return made;
}

Task<void> StreamWarden::yield() {
  if (!takes_ && known_ && !held_) co_return;
  const int mine = ++yields_asked_;
  signal_->notify();
  const Instant limit = parts_.clock.now() + kYieldMax;
  while (yields_done_ < mine && !stopping_ && parts_.clock.now() < limit)
    co_await parts_.clock.wait(*yielded_, limit);
}

std::vector<Condition> StreamWarden::conditions() const {
  if (!takes_ && !(known_ && held_ && held_->ours) && !error_) return {};
  Condition condition{"StreamHealthy", Truth::no, "NotStopped", "", true};
  const bool must_end = tried_ == WardenStep::end || tried_ == WardenStep::pause;
  if (error_ && must_end) {
    condition.message = fmt::format(
        "the stream into this node's database could not be stopped, and what it brings writes over "
        "what is done here: {}; run: runuser -u postgres -- psql asterisk -c 'alter subscription "
        "tandem disable'",
        error_->message);
    return {condition};
  }
  if (!takes_ || !lets_in_) return {};
  if (error_) {
    condition.reason = tried_ == WardenStep::make ? "NotConnected" : "NotAsked";
    condition.message = fmt::format(
        "the stream from the primary can not be prepared: {}; see PostgresAccessReady "
        "on both nodes; the primary copies by snapshot meanwhile",
        error_->message);
    return {condition};
  }
  if (held_ && !held_->ours) {
    condition.reason = "SubscriptionNotOurs";
    condition.message =
        "the database has a subscription tandem that Tandem did not make: it is neither used nor "
        "changed; rename it: runuser -u postgres -- psql asterisk -c 'alter subscription tandem "
        "rename to NAME'";
    return {condition};
  }
  if (cut_) {
    condition.reason = "NotConnected";
    condition.message =
        "this node's server does not fetch the stream that it was given: the primary's does not "
        "answer, or refuses it; see PostgresAccessReady on the primary, and that 5432 is open from "
        "here to there";
    return {condition};
  }
  const bool runs = held_ && held_->enabled;
  condition.status = runs ? Truth::yes : Truth::unknown;
  condition.reason = runs ? "Streaming" : "WaitsForPrimary";
  condition.message = runs ? "the primary's changes come in as a stream"
                           : "the primary has not begun the stream yet, or compares all now";
  return {condition};
}

}  // namespace tandem
