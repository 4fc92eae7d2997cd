#include "reconciler/failover/keeper.h"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

#include "core/formats.h"
#include "ports/spawn.h"
#include "reconciler/failover/conditions.h"

namespace tandem {
namespace {

namespace asio = boost::asio;

void give_up(const std::string& why) { throw std::runtime_error("in the failover: " + why); }

bool inside(const std::optional<TimeWindow>& window, std::chrono::minutes minute) {
  if (!window) return true;
  if (window->from <= window->to) return minute >= window->from && minute < window->to;
  return minute >= window->from || minute < window->to;
}

// What of conditions is news; messages change all the time.
std::vector<std::string> brief(const std::vector<Condition>& conditions) {
  std::vector<std::string> lines;
  for (const Condition& condition : conditions)
    lines.push_back(condition.type + " " + std::string(truth_name(condition.status)) + " " +
                    condition.reason);
  return lines;
}

bool fails_back(NodeState state) { return state == NodeState::failback_hold; }

}  // namespace

FailoverKeeper::FailoverKeeper(Parts parts)
    : parts_(std::move(parts)), signal_(parts_.clock.make_signal()) {
  const FailoverEngine& engine = parts_.engine;
  expiry_.take_up(engine.memory().expiry, parts_.clock.now(), engine.kept_in_this_boot());
}

void FailoverKeeper::wake() { signal_->notify(); }

Task<void> FailoverKeeper::run() {
  const auto executor = co_await asio::this_coro::executor;
  while (!stopping_) {
    turn(executor);
    co_await parts_.clock.wait(*signal_, parts_.clock.next_turn(kTurn));
  }
  if (parts_.probing != nullptr) co_await parts_.probing->stop();
}

void FailoverKeeper::stop() {
  stopping_ = true;
  wake();
}

void FailoverKeeper::icmp(const std::string& path, const Sample& sample) {
  parts_.engine.hearing().icmp(path, sample);
  wake();
}
void FailoverKeeper::sip(const Sample& sample) {
  parts_.engine.hearing().sip(sample);
  wake();
}
void FailoverKeeper::own_sip(const Sample& sample) {
  parts_.engine.hearing().own_sip(sample);
  wake();
}
void FailoverKeeper::witness(const std::string& target, const Sample& sample) {
  parts_.engine.hearing().witness(target, sample);
  wake();
}
void FailoverKeeper::link(OwnLink link) {
  parts_.engine.hearing().link(link);
  wake();
}

void FailoverKeeper::own_services(const OwnServices& own) {
  own_ = own;
  own_seen_ = parts_.clock.now();
  wake();
}

void FailoverKeeper::expiry_observed(Duration maximum) {
  expiry_.observed(maximum, parts_.clock.now());
  parts_.engine.keep_expiry(expiry_.kept());
}

// One turn: what is declared and known, what that decides, and who has to follow it.
void FailoverKeeper::turn(asio::any_io_executor executor) {
  const auto& accepted = parts_.loop.spec().accepted;
  const auto& goal = parts_.loop.goal();
  if (!accepted || !goal) return follow_declaration(nullptr, Role::off);
  follow_declaration(&*accepted, goal->role);
  take_word();
  const Instant now = parts_.clock.now();
  const WallTime wall = parts_.clock.wall();
  auto told = parts_.engine.turn(inputs(wall), now, wall);
  for (const auto& lost : parts_.engine.lost_orders())
    for (Observer* observer : parts_.observers) observer->order_lost(lost.order, lost.why);
  // Whoever was not there before learns what the state is.
  if (!told_first_ && told.empty()) told.push_back(as_it_is(wall));
  told_first_ = true;
  tell(told, executor);
  ask_for_looks(now);
  const Shape shape{stance_to_take(executor), parts_.engine.starts_by_parts(),
                    fails_back(parts_.engine.state()), parts_.engine.suspended(now, wall)};
  auto conditions = brief(this->conditions());
  // The loop tells of this one itself.
  if (const auto out = secondary_out()) conditions.push_back("out until " + to_string(out->until));
  if (shape == shape_ && conditions == told_conditions_) return;
  shape_ = shape;
  told_conditions_ = std::move(conditions);
  parts_.loop.turn_soon();
}

// The one that is decided, but for the moment in which a copy into this node's database is ended.
Stance FailoverKeeper::stance_to_take(const asio::any_io_executor& executor) {
  const Stance wished = parts_.engine.stance();
  const bool begins =
      wished == Stance::serving && parts_.engine.situation().role == Role::secondary;
  if (!begins) preparing_ = Preparing::not_begun;
  if (!begins || !parts_.before_serving) return wished;
  if (preparing_ == Preparing::not_begun) {
    preparing_ = Preparing::under_way;
    spawn(executor, prepare_to_serve(), give_up);
  }
  return preparing_ == Preparing::done ? wished : shape_.stance;
}

Task<void> FailoverKeeper::prepare_to_serve() {
  co_await parts_.before_serving();
  if (preparing_ == Preparing::under_way) preparing_ = Preparing::done;
  wake();
}

// What is decided or told by a look of the services must not wait for the next one that is due.
void FailoverKeeper::ask_for_looks(Instant now) {
  const Situation& situation = parts_.engine.situation();
  const OwnSip own_sip = situation.weighed().own_sip;
  bool wanted = std::exchange(own_sip_, own_sip) != own_sip;
  const bool count = waits_for_calls(situation);
  if (!count) count_asked_.reset();
  if (count && shape_.count_calls && (!count_asked_ || now - *count_asked_ >= kCountPause)) {
    count_asked_ = now;
    wanted = true;
  }
  if (wanted) parts_.loop.look_at("services");
}

Transition FailoverKeeper::as_it_is(WallTime wall) const {
  const FailoverMemory& memory = parts_.engine.memory();
  return {memory.state, memory.state, "the operator starts", memory.epoch, memory.cause, wall};
}

FailoverEngine::Inputs FailoverKeeper::inputs(WallTime wall) const {
  const GateFacts& facts = parts_.loop.facts();
  FailoverEngine::Inputs in;
  in.pair = &*parts_.loop.spec().accepted;
  in.node = parts_.node;
  in.role = parts_.loop.goal()->role;
  in.own = own_;
  in.own_seen = own_seen_;
  in.fit.wizard_passed = facts.wizard.verdict == Verdict::good;
  if (parts_.weigh_copy) parts_.weigh_copy(in.fit);
  in.closed = why_closed();
  in.upgrading = facts.upgrade.verdict == Verdict::bad;
  in.spec_sha256 = parts_.loop.spec().sha256;
  in.tandem_version = parts_.tandem_version;
  in.in_window = inside(in.pair->failover.failback.window, parts_.minute_of_day(wall));
  return in;
}

// What keeps the loop from acting on this node, but for a suspension, which has a guard of its own.
std::string FailoverKeeper::why_closed() const {
  GateFacts facts = parts_.loop.facts();
  facts.suspend.reset();
  facts.suspend_ordered.reset();
  facts.suspended.reset();
  return why_only_observe(facts).value_or("");
}

void FailoverKeeper::follow_declaration(const HAPair* pair, Role role) {
  if (parts_.probing == nullptr) return;
  parts_.probing->follow(pair != nullptr ? probe_plan(*pair, role) : std::nullopt);
  parts_.engine.hearing().keep_only(parts_.probing->paths(), parts_.probing->witnesses());
}

void FailoverKeeper::take_word() {
  if (parts_.peer == nullptr || parts_.peer->sample().at == word_at_) return;
  word_at_ = parts_.peer->sample().at;
  parts_.engine.hearing().peer(parts_.peer->sample(), parts_.peer->word());
  if (parts_.probing == nullptr) return;
  const std::string name = parts_.peer->peer_name();
  parts_.probing->table().declare("peer", name, name);
  parts_.probing->table().record("peer", name, parts_.peer->sample());
}

void FailoverKeeper::tell(const std::vector<Transition>& told, asio::any_io_executor executor) {
  const HAPair& pair = *parts_.loop.spec().accepted;
  for (const Transition& transition : told) {
    const auto record = log_.follow(transition, parts_.engine.situation());
    for (Observer* observer : parts_.observers) {
      observer->state_changed(transition);
      if (record) observer->taken_over(*record);
    }
    if (transition.to == NodeState::active && transition.from == NodeState::activating &&
        !transition.adopted)
      spawn(executor, run_hooks(pair.hooks.after_takeover), give_up);
    if (transition.to == NodeState::standby && transition.from == NodeState::deactivating)
      spawn(executor, run_hooks(pair.hooks.after_failback), give_up);
  }
  if (!told.empty()) parts_.loop.turn_soon();
}

// One after the other, each for so long at most; nothing waits for them.
Task<void> FailoverKeeper::run_hooks(std::vector<std::vector<std::string>> hooks) {
  for (const auto& argv : hooks) {
    if (stopping_) co_return;
    Command command;
    command.argv = argv;
    command.deadline = kHookLimit;
    const auto outcome = co_await parts_.commands.run(std::move(command));
    const bool good = outcome.ok() && outcome.value().succeeded();
    for (Observer* observer : parts_.observers) observer->hook_ran(argv.front(), good);
  }
}

std::optional<Suspension> FailoverKeeper::suspension() const {
  const FailoverEngine& engine = parts_.engine;
  if (!engine.begun() && engine.memory_lost()) return suspension_of_loss(parts_.clock.wall());
  return engine.memory().suspension;
}

std::optional<bool> FailoverKeeper::suspension_lasts() const {
  if (!parts_.engine.begun()) return std::nullopt;
  return parts_.engine.suspended(parts_.clock.now(), parts_.clock.wall());
}

std::optional<Maintenance> FailoverKeeper::secondary_out() const {
  const Situation& now = parts_.engine.situation();
  if (now.role == Role::primary) return now.hearing->announced();
  const FailoverMemory& memory = parts_.engine.memory();
  const bool here = now.role == Role::secondary && memory.state == NodeState::maintenance;
  return here ? memory.maintenance : std::nullopt;
}

void FailoverKeeper::shape(Goal& goal) const {
  goal.stance = shape_.stance;
  goal.by_parts = shape_.by_parts;
  goal.count_calls = shape_.count_calls;
  const auto& accepted = parts_.loop.spec().accepted;
  if (accepted && accepted->failover.owner == Owner::tandem &&
      accepted->failover.mode == Failover::Mode::automatic &&
      parts_.engine.state() != NodeState::maintenance)
    goal.local_restarts = accepted->failover.local_restarts;
}

PeerWord FailoverKeeper::word() const {
  return parts_.engine.word(parts_.clock.now(), parts_.clock.wall());
}

OrderFacts FailoverKeeper::order_facts() const {
  const Situation& now = parts_.engine.situation();
  OrderFacts facts;
  facts.node = parts_.node;
  facts.now = parts_.clock.wall();
  if (now.pair == nullptr) return facts;
  facts.role = now.role;
  facts.peer = now.role == Role::primary ? now.pair->secondary.name : now.pair->primary.name;
  facts.ours = now.pair->failover.owner == Owner::tandem;
  facts.state = parts_.engine.state();
  facts.cause = parts_.engine.memory().cause;
  facts.verdict = now.weighed().verdict;
  const PeerWord* word = now.hearing->word();
  facts.peer_link = word != nullptr;
  if (word) facts.peer_state = word->state;
  if (word) facts.peer_cause = word->cause;
  if (word) facts.peer_maintenance = word->maintenance;
  if (now.hearing->announced()) facts.peer_maintenance = now.hearing->announced();
  facts.product = now.pair->product;
  facts.peer_fit = word && !word->upgrading && !word->maintenance;
  facts.suspension = parts_.engine.memory().suspension;
  facts.suspended_by_declaration = now.pair->suspend && now.wall < now.pair->suspend->until;
  facts.maintenance = parts_.engine.memory().maintenance;
  facts.closed = why_closed();
  facts.suspended = suspension_lasts().value_or(false);
  facts.role_conflict = now.role_conflict;
  if (const auto& waiting = parts_.engine.waiting())
    facts.waiting = {waiting->order.kind, waiting->order.id};
  facts.stopped = seen_stopped(now);
  if (word == nullptr) return facts;
  facts.peer_stopped = word->sip == OwnSip::silent;
  facts.peer_order = word->last_order;
  facts.peer_result = word->last_order_result;
  return facts;
}

// A switchover is two: the other node takes over first, by an order within it.
Task<Result<std::string>> FailoverKeeper::carry_out(Order order) {
  const auto answer = parts_.engine.accept(order, parts_.clock.now(), parts_.clock.wall());
  if (!answer.ok()) co_return answer.error();
  auto for_peer = parts_.engine.order_for_peer();
  if (for_peer) {
    if (parts_.peer == nullptr) {
      parts_.engine.drop_order(order.id);
      co_return Error{Fault::not_found, "a switchover needs the peer link (listenTls)"};
    }
    Order takeover = *for_peer;
    const auto passed = co_await parts_.peer->forward(std::move(takeover));
    if (!passed.ok()) {
      parts_.engine.drop_order(order.id);
      co_return in_context("the other node does not take over", passed.error());
    }
  }
  wake();
  co_return answer.value();
}

std::optional<std::string> FailoverKeeper::result_of(const std::string& id) const {
  const std::string* result = parts_.engine.memory().result_of(id);
  return result != nullptr ? std::optional(*result) : std::nullopt;
}

std::optional<BoundFigures> FailoverKeeper::bound() const {
  const Situation& now = parts_.engine.situation();
  if (now.pair == nullptr || now.role == Role::off) return std::nullopt;
  const Instant at = parts_.clock.now();
  BoundFigures figures = bound_figures(*now.pair, expiry_.longest(at), log_.activation());
  if (const auto until = expiry_.old_until(at))
    figures.elapses = {
        parts_.clock.wall() + std::chrono::duration_cast<WallTime::duration>(*until - at),
        expiry_.current().value_or(*figures.expiry)};
  return figures;
}

std::optional<Duration> FailoverKeeper::bound_time() const {
  const auto figures = bound();
  return figures ? figures->bound() : std::nullopt;
}

std::optional<PrimaryVerdict> FailoverKeeper::verdict() const {
  const Situation& now = parts_.engine.situation();
  if (now.pair == nullptr || now.role != Role::secondary) return std::nullopt;
  return now.weighed().verdict;
}

std::vector<Condition> FailoverKeeper::conditions() const {
  auto told = failover_conditions(parts_.engine);
  if (const auto figures = bound()) told.push_back(objective_met(*figures));
  return told;
}

}  // namespace tandem
