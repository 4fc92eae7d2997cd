#include "reconciler/loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "ports/spawn.h"

namespace tandem {
namespace {

namespace asio = boost::asio;

std::vector<std::string> names_of(const std::vector<std::unique_ptr<Managed>>& resources) {
  std::vector<std::string> names;
  for (const auto& resource : resources) names.emplace_back(resource->name());
  return names;
}

}  // namespace

Loop::Loop(LoopParts parts, std::vector<std::unique_ptr<Managed>> resources)
    : parts_(std::move(parts)),
      resources_(std::move(resources)),
      schedule_(names_of(resources_)),
      board_(names_of(resources_)),
      signal_(parts_.clock.make_signal()),
      wizard_signal_(parts_.clock.make_signal()) {
  facts_.own_address = {Verdict::unknown, "NotReadYet", "the host's addresses have not been read"};
  facts_.wizard = {Verdict::unknown, "NotAskedYet", "the node has not been asked yet"};
  facts_.upgrade = {Verdict::unknown, "NotLookedYet", "the node has not been looked at yet"};
  turned_ = began_ = parts_.clock.now();
}

Task<void> Loop::run() {
  const auto executor = co_await asio::this_coro::executor;
  spawn(executor, watch_wizard(), give_up);
  Changed pair_changed = [this](const std::set<std::string>&) {
    spec_due_ = Instant::min();
    signal_->notify();
  };
  spawn(executor, watch(parts_.disk, {parts_.specs.pair_path()}, pair_file_, pair_changed),
        give_up);

  while (!stopping_) {
    const Instant next = turn(executor);
    co_await parts_.clock.wait(*signal_, next);
  }
  const Instant limit = parts_.clock.now() + kStopLimit;
  while ((background_ > 0 || schedule_.any_running()) && parts_.clock.now() < limit)
    co_await parts_.clock.wait(*signal_, limit);
}

void Loop::stop() {
  stopping_ = true;
  signal_->notify();
  wizard_signal_->notify();
  wake_waiters();
  for (Signal* sleeper : sleepers_) sleeper->notify();
  for (Watched* watched : {&pair_file_, &node_files_})
    if (watched->armed != nullptr) watched->armed->stop();
  if (armed_units_ != nullptr) armed_units_->stop();
}

void Loop::forget_looks() {
  look_around_due_ = Instant::min();
  for (const auto& resource : resources_) resource->look_anew();
}

void Loop::request() {
  schedule_.wake_all(parts_.clock.now());
  forget_looks();
  spec_due_ = Instant::min();
  signal_->notify();
}

void Loop::look_at(std::string_view resource) {
  schedule_.wake(resource, parts_.clock.now());
  signal_->notify();
}

// One turn: what is declared, what that makes of this node, what is due. Returns when to turn
// again.
Instant Loop::turn(asio::any_io_executor executor) {
  const Instant now = parts_.clock.now();
  turned_ = now;
  const Instant spec_next = look_at_spec(now, false);
  refresh_goal(now);
  if (goal_) watch_node(executor);
  publish(now);
  if (goal_) start_due(executor, now);
  const Instant job_next = goal_ ? schedule_.next_due() : Instant::max();
  return std::min({spec_next, job_next, now + Schedule::kPeriod});
}

Instant Loop::look_at_spec(Instant now, bool at_once) {
  if (now < spec_due_ && !at_once) return spec_due_;
  const auto look = parts_.specs.look(now, at_once);
  spec_due_ = look.look_again ? *look.look_again : now + Schedule::kPeriod;
  if (look.accepted)
    for (Observer* observer : parts_.observers) observer->spec_accepted("an edit of the file");
  if (look.refused)
    for (Observer* observer : parts_.observers)
      observer->spec_rejected(parts_.specs.view().refused->message);
  return spec_due_;
}

// A declaration that only waits for its order is observed against, so that a person sees what it
// means.
void Loop::refresh_goal(Instant now) {
  const SpecView& view = parts_.specs.view();
  facts_.spec_in_force = view.accepted.has_value();
  if (parts_.suspension_by_order) facts_.suspend_ordered = parts_.suspension_by_order();
  if (parts_.suspension_lasts) facts_.suspended = parts_.suspension_lasts();
  const HAPair* pair = view.accepted ? &*view.accepted : view.wanted();
  if (pair == nullptr) return;
  const auto standing = parts_.surroundings.standing_by(pair->product);
  // Not to be told: as if it stood by, which keeps us from writing into the primary's copy.
  auto goal = goal_for(*pair, parts_.node_name, !standing.ok() || standing.value());
  if (!goal.ok()) {  // the node was renamed on the command line since the declaration was accepted
    facts_.own_address = {Verdict::bad, "NotInThePair", goal.error().message};
    return;
  }
  if (parts_.shape) parts_.shape(goal.value());
  look_around(goal.value(), now);
  facts_.suspend = pair->suspend;
  if (goal_ == goal.value() && goal_generation_ == view.generation) return;
  goal_generation_ = view.generation;
  const Goal& next = goal.value();
  const bool role_changes = !goal_ || goal_->role != next.role || goal_->product != next.product ||
                            goal_->own_address != next.own_address ||
                            goal_->peer_address != next.peer_address;
  goal_ = next;
  for (const auto& resource : resources_) resource->heed(*goal_);
  if (role_changes)
    schedule_.new_role(*goal_, now);
  else
    schedule_.new_goal(now);
  wake_waiters();
}

// Reports come in bunches, and each makes a turn: the links and processes of the node are not read
// anew for each.
void Loop::look_around(const Goal& goal, Instant now) {
  const bool same = goal_ && goal_->product == goal.product && goal_->role == goal.role &&
                    goal_->own_address == goal.own_address &&
                    goal_->peer_address == goal.peer_address &&
                    goal_->standing_by == goal.standing_by && goal_->stance == goal.stance;
  if (same && now < look_around_due_) return;
  facts_.own_address = parts_.surroundings.own_address(goal.own_address, goal.peer_address);
  facts_.upgrade = upgrade_.look(parts_.surroundings.upgrade_signs(goal.product), goal.role,
                                 goal.standing_by, now, goal.stance == Stance::standing_by);
  look_around_due_ = now + kLookAround;
}

Permission Loop::permission(WallTime wall) const {
  GateFacts facts = facts_;
  facts.now = wall;
  if (auto why = why_only_observe(facts)) return Permission::observe_only(std::move(*why));
  return Permission::up_to(parts_.specs.view().accepted->changes_allow);
}

// What follows the stance does so whatever changes.allow is, and no order makes it do more: the one
// who decides on telephony is the stance. Starting it again and again is no fight to keep out of.
Permission Loop::permission_of(std::size_t index, const Permission& general, Instant now) const {
  if (!resources_[index]->follows_stance()) return schedule_.permission(index, general, now);
  if (!general.act) return general;
  if (!parts_.stays)
    return Permission::observe_only("only an operator that stays does it: systemctl start tandem");
  if (goal_->stance == Stance::serving) return Permission::up_to(Reach::telephony);
  Permission own = schedule_.permission(index, general, now);
  own.allow = Reach::telephony;
  return own;
}

void Loop::start_due(asio::any_io_executor executor, Instant now) {
  const Permission general = permission(parts_.clock.wall());
  // What was only observed until now is carried out in the order of the role.
  if (general.act && !acted_) {
    schedule_.new_role(*goal_, now);
    wake_waiters();
  }
  acted_ = general.act;
  const auto goal = std::make_shared<const Goal>(*goal_);
  while (const auto index = schedule_.startable(now)) {
    // What starts programs and asks far away leaves the start to what answers within milliseconds.
    if (!passed_once_ && resources_[*index]->looks_afar() && now < began_ + kNearFirst) {
      schedule_.postpone(*index, began_ + kNearFirst);
      continue;
    }
    Permission own = permission_of(*index, general, now);
    schedule_.started(*index);
    spawn(executor, reconcile_one(*index, goal, std::move(own)), give_up);
  }
}

Task<void> Loop::reconcile_one(std::size_t index, std::shared_ptr<const Goal> goal,
                               Permission permission) {
  const Instant begin = parts_.clock.now();
  Turn turn;
  turn.await = [this, index, permission] { return turn_of(index, permission); };
  turn.closed = [this] { return closed(); };
  Report report =
      co_await resources_[index]->reconcile(*goal, std::move(permission), std::move(turn));
  const Instant end = parts_.clock.now();
  report.took = end - begin;
  schedule_.finished(index, report, end);
  for (Observer* observer : parts_.observers) observer->reported(report);
  publish_of(report);
  record(report);
  board_.put(std::move(report), parts_.clock.wall());
  note_readiness();
  wake_waiters();
  signal_->notify();
}

// Each resource that runs finishes, and wakes the waiters; the order has no circle. The telephony
// of a secondary that has taken over waits for nobody: an operator that starts then must not leave
// the phones without it until PostgreSQL and fail2ban have answered.
Task<std::optional<Permission>> Loop::turn_of(std::size_t index, Permission permission) {
  const auto takes_over = [&] {
    return resources_[index]->follows_stance() && goal_->role == Role::secondary &&
           goal_->stance == Stance::serving;
  };
  const auto must_wait = [&] {
    return !schedule_.turn_has_come(index) && !takes_over() && !schedule_.is_outdated(index) &&
           !stopping_;
  };
  // The look may have taken long: an order to suspend, or an upgrade, may have come meanwhile.
  if (!must_wait() && !schedule_.is_outdated(index)) co_return closed();
  auto woken = parts_.clock.make_signal();
  waiters_.push_back(woken.get());
  while (must_wait()) co_await parts_.clock.wait(*woken, parts_.clock.now() + Schedule::kPeriod);
  std::erase(waiters_, woken.get());
  if (stopping_) co_return Permission::observe_only("the operator stops");
  if (schedule_.is_outdated(index))
    co_return Permission::observe_only("what is declared has just changed");
  if (auto general = closed()) co_return general;
  co_return permission;
}

// Why nothing may be changed just now.
std::optional<Permission> Loop::closed() {
  if (parts_.suspension_by_order) facts_.suspend_ordered = parts_.suspension_by_order();
  if (parts_.suspension_lasts) facts_.suspended = parts_.suspension_lasts();
  if (goal_) look_around(*goal_, parts_.clock.now());  // an upgrade may have begun since
  Permission general = permission(parts_.clock.wall());
  if (general.act) return std::nullopt;
  return general;
}

void Loop::note_readiness() {
  for (std::size_t i = 0; i < resources_.size(); ++i)
    if (!schedule_.tried(i) && !resources_[i]->looks_afar()) return;
  if (!std::exchange(passed_once_, true)) schedule_.release(parts_.clock.now());
}

Task<Result<ApplyResult>> Loop::apply(ApplyOrder order) {
  const Instant begin = parts_.clock.now();
  forget_looks();
  look_at_spec(begin, true);
  const SpecView& view = parts_.specs.view();
  if (view.refused) co_return *view.refused;
  ApplyResult result;
  if (order.structural && parts_.structural_veto)
    if (auto why = parts_.structural_veto()) co_return Error{Fault::invalid, std::move(*why)};
  if (order.structural) {
    const Status accepted = parts_.specs.accept_structural(order.reason);
    if (accepted.ok()) {
      const std::string how = "tandem apply --structural: " + order.reason;
      for (Observer* observer : parts_.observers) observer->spec_accepted(how);
    } else if (accepted.error().fault == Fault::invalid) {
      result.notes.push_back(accepted.error().message);  // nothing is pending: ordered twice
    } else {
      co_return accepted.error();
    }
  } else if (view.pending) {
    result.notes.push_back(
        "a structural change waits for `tandem apply --structural --reason "
        "REASON`: " +
        fmt::format("{}", fmt::join(view.structural, "; ")));
  }
  if (facts_.wizard.verdict != Verdict::good) co_await read_wizard();

  const Reach allow = order.beyond_allowed ? Reach::telephony : Reach::none;
  const std::uint64_t ticket = schedule_.order(allow, parts_.clock.now());
  auto done = parts_.clock.make_signal();
  waiters_.push_back(done.get());
  orders_.push_back(&result);
  signal_->notify();
  while (!schedule_.order_done(ticket) && !stopping_ && parts_.clock.now() < begin + kApplyLimit)
    co_await parts_.clock.wait(*done, begin + kApplyLimit);
  std::erase(waiters_, done.get());
  std::erase(orders_, &result);
  publish(parts_.clock.now());

  if (!schedule_.order_done(ticket)) result.notes.push_back("not every resource was looked at");
  const ConditionRecord* converged = board_.condition("Converged");
  result.converged = schedule_.order_done(ticket) && !view.pending && view.accepted &&
                     converged != nullptr && is_well(converged->condition);
  co_return result;
}

// A resource may be looked at more than once while an order runs: our own write wakes it again.
void Loop::record(const Report& report) {
  for (ApplyResult* order : orders_) {
    const auto known = std::find_if(order->reports.begin(), order->reports.end(),
                                    [&](const Report& r) { return r.resource == report.resource; });
    if (known == order->reports.end()) {
      order->reports.push_back(report);
      continue;
    }
    std::vector<Change> done = std::move(known->done);
    done.insert(done.end(), report.done.begin(), report.done.end());
    *known = report;
    known->done = std::move(done);
  }
}

void Loop::wake_waiters() {
  for (Signal* waiter : waiters_) waiter->notify();
}

}  // namespace tandem
