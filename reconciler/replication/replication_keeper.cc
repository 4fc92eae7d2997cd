#include "reconciler/replication/replication_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "ports/spawn.h"
#include "reconciler/replication/copy_conditions.h"
#include "replication/files/direction.h"

namespace tandem {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::hours kNobodyWaits{1};

void give_up(const std::string& why) { throw std::runtime_error("in the replication: " + why); }

Duration interval_of(CopyKind kind, const HAPair& pair) {
  return kind == CopyKind::database ? pair.replication.database_interval
                                    : pair.replication.files_interval;
}

// The secondary has not said yet that it stands by for us: it will within a second or two of it.
bool waits_for_its_word(const CopyTold& told) {
  return told.reason == "SecondaryServes" || told.reason == "DirectionMissing" ||
         told.reason == "OtherPrimary" || told.reason == "TargetServes" ||
         told.reason == "SecondaryHeld" || told.reason == "TargetOff" ||
         told.reason == "NoDeclaration" || told.reason == "HarvestPending";
}

// After so many failures in a row.
Duration pause_after(int failures, const CopyTold& told, CopyKind kind, const HAPair& pair) {
  const Duration most =
      std::min<Duration>(ReplicationKeeper::kRetryMax,
                         std::max<Duration>(interval_of(kind, pair), ReplicationKeeper::kRetryMin));
  Duration pause = ReplicationKeeper::kRetryMin;
  if (waits_for_its_word(told)) pause = ReplicationKeeper::kRetryOfWord;
  for (int i = 1; i < failures && pause < most; ++i) pause *= 2;
  return std::min(pause, most);
}

// The secondary may hold what no copy of ours brought.
bool tells_of_another_hand(const CopyTold& told) {
  return told.reason == "SecondaryServes" || told.reason == "OtherPrimary" ||
         told.reason == "TargetServes" || told.reason == "DirectionStale";
}

}  // namespace

struct ReplicationKeeper::Slot {
  explicit Slot(Copier& one) : copier(one) {}

  Copier& copier;
  CopyState state;
  std::optional<CopyOrderTyped> ordered;
  Instant begun = Instant::min();
  Instant not_before = Instant::min();
  int failures = 0;
  bool asks_soon = false;  // the secondary's next word lifts what the last run was refused for
  bool confirmed = false;  // the run under way: a person said that its direction is right
  bool held = true;
  bool held_stays = false;
  bool waits_for_vendor = false;
};

ReplicationKeeper::ReplicationKeeper(Parts parts)
    : parts_(std::move(parts)),
      watching_(parts_.clock.make_signal()),
      ended_(parts_.clock.make_signal()) {
  const CopyPasts pasts = load_copy_pasts(parts_.disk, parts_.state_dir);
  for (Copier* copier : parts_.copiers) {
    slots_.push_back(std::make_unique<Slot>(*copier));
    if (const auto past = pasts.find(copier->kind()); past != pasts.end())
      slots_.back()->state.past = past->second;
  }
}

ReplicationKeeper::~ReplicationKeeper() = default;

Task<void> ReplicationKeeper::run() {
  const auto executor = co_await asio::this_coro::executor;
  loops_ = static_cast<int>(slots_.size()) + 1;
  for (const auto& slot : slots_) spawn(executor, keep(*slot), give_up);
  spawn(executor, watch_runs(), give_up);
  while (!stopping_) co_await parts_.clock.wait(*ended_, parts_.clock.now() + kNobodyWaits);
  const Instant limit = parts_.clock.now() + kStopLimit;
  while (loops_ > 0 && parts_.clock.now() < limit) co_await parts_.clock.wait(*ended_, limit);
}

void ReplicationKeeper::stop() {
  stopping_ = true;
  for (const auto& slot : slots_) slot->copier.abort();
  look();
  ended_->notify();
}

void ReplicationKeeper::look() {
  for (const auto& slot : slots_) slot->copier.wake().notify();
  watching_->notify();
}

std::optional<WhyNoCopy> ReplicationKeeper::why_not(const CopySituation& situation,
                                                    const Slot& slot) const {
  const bool ordered = slot.ordered && slot.ordered->confirm_direction;
  return why_no_copy(situation, ordered || (slot.state.running && slot.confirmed));
}

Task<void> ReplicationKeeper::keep(Slot& slot) {
  while (!stopping_) {
    CopySituation situation = parts_.situation();
    auto why = why_not(situation, slot);
    if (!why && !vendor_is_done_) {
      situation.vendor_copies = parts_.vendor_copies(situation.pair->product);
      vendor_is_done_ = !situation.vendor_copies;
      why = why_not(situation, slot);
    }
    slot.waits_for_vendor = situation.vendor_copies;
    hold(slot, why);
    Instant next = parts_.clock.next_turn(kIdleTurn);
    if (!why) {
      slot.copier.follow(situation.pair);
      if (is_due(slot, *situation.pair)) {
        co_await run_once(slot, std::move(situation));
        continue;
      }
      next = std::min(next, *slot.state.next);
    }
    co_await parts_.clock.wait(slot.copier.wake(), next);
  }
  --loops_;
  ended_->notify();
}

// A run under way must not outlive what allowed it.
Task<void> ReplicationKeeper::watch_runs() {
  while (!stopping_) {
    bool runs = false;
    for (const auto& slot : slots_) {
      if (!slot->state.running) continue;
      runs = true;
      if (why_not(parts_.situation(), *slot)) slot->copier.abort();
    }
    const Instant now = parts_.clock.now();
    co_await parts_.clock.wait(*watching_, now + (runs ? std::chrono::nanoseconds(kTurn)
                                                       : std::chrono::nanoseconds(kNobodyWaits)));
  }
  --loops_;
  ended_->notify();
}

void ReplicationKeeper::hold(Slot& slot, const std::optional<WhyNoCopy>& why) {
  const std::string before = slot.state.held_reason;
  slot.state.held_reason = why ? why->reason : "";
  slot.state.held = why ? why->message : "";
  slot.held_stays = why && !why->passes;
  // The vendor's copies may have begun again meanwhile.
  if (why && (why->reason == "VendorReplicates" || why->reason == "Off")) vendor_is_done_ = false;
  if (why) {
    slot.state.next.reset();
    slot.ordered.reset();
    slot.copier.follow(nullptr);
    // Whatever held it, the other node may have changed meanwhile.
    if (!slot.held) slot.copier.forget();
    slot.failures = 0;
    slot.not_before = Instant::min();
  } else if (slot.held && slot.state.last && !slot.state.last->succeeded()) {
    // What was refused or ended when the hold began says nothing of what is possible now.
    slot.state.last.reset();
  }
  slot.held = why.has_value();
  if (before != slot.state.held_reason) parts_.changed();
}

bool ReplicationKeeper::is_due(Slot& slot, const HAPair& pair) const {
  const Instant now = parts_.clock.now();
  Instant next = slot.begun == Instant::min() ? now : slot.copier.due(pair, slot.begun);
  next = slot.asks_soon ? slot.not_before : std::max(next, slot.not_before);
  slot.state.next = next;
  return slot.ordered.has_value() || now >= next;
}

Task<void> ReplicationKeeper::run_once(Slot& slot, CopySituation situation) {
  CopyAsk ask;
  ask.pair = std::make_shared<const HAPair>(*situation.pair);
  if (const auto ordered = std::exchange(slot.ordered, std::nullopt)) {
    ask.everything = true;
    ask.force = ordered->force;
    ask.confirm_direction = ordered->confirm_direction;
  }
  const auto pair = ask.pair;
  slot.state.running = true;
  slot.state.next.reset();
  ++slot.state.number;
  slot.begun = parts_.clock.now();
  slot.confirmed = ask.confirm_direction;
  watching_->notify();
  CopyTold told = co_await slot.copier.run(std::move(ask));
  slot.state.running = false;
  told.kind = slot.copier.kind();
  told.ended = parts_.clock.wall();
  take_up(slot, *pair, std::move(told));
}

void ReplicationKeeper::take_up(Slot& slot, const HAPair& pair, CopyTold told) {
  const Instant now = parts_.clock.now();
  if (told.succeeded()) {
    slot.failures = 0;
    slot.asks_soon = false;
    // A run that takes longer than its interval is followed by a pause of half its time.
    slot.not_before = now + (now - slot.begun) / 2;
    CopyPast& past = slot.state.past;
    past.succeeded = told.ended;
    if (told.result == CopyResult::equal) {
      past.proven = told.ended;
      past.proof = told.message;
    }
    if (told.changed > 0) past.changed = told.ended;
    keep_past();
    // Lost at the worst, a change of role by an edit asks for no confirmation of its direction.
    (void)files::keep_direction(parts_.disk, parts_.state_dir, files::direction_of(pair));
  } else {
    slot.not_before = now + pause_after(++slot.failures, told, slot.copier.kind(), pair);
    slot.asks_soon = waits_for_its_word(told);
    if (tells_of_another_hand(told))
      for (const auto& each : slots_) each->copier.forget();
  }
  slot.state.last = told;
  for (Observer* observer : parts_.observers) observer->copied(told);
  parts_.changed();
}

void ReplicationKeeper::keep_past() {
  CopyPasts pasts;
  for (const auto& slot : slots_) pasts[slot->copier.kind()] = slot->state.past;
  (void)keep_copy_pasts(parts_.disk, parts_.state_dir, pasts);
}

Result<std::map<CopyKind, std::uint64_t>> ReplicationKeeper::order(const CopyOrderTyped& order) {
  const CopySituation situation = parts_.situation();
  if (const auto why = why_no_copy(situation, order.confirm_direction))
    return Error{Fault::invalid, why->message};
  std::map<CopyKind, std::uint64_t> numbers;
  for (const CopyKind kind : order.kinds) {
    Slot& slot = slot_of(kind);
    if (slot.ordered)
      return Error{Fault::invalid,
                   fmt::format("a copy of the {} was ordered already and has not begun",
                               copy_kind_name(kind))};
  }
  for (const CopyKind kind : order.kinds) {
    Slot& slot = slot_of(kind);
    slot.ordered = order;
    numbers[kind] = slot.state.number + 1;
    slot.copier.wake().notify();
  }
  for (Observer* observer : parts_.observers) observer->copy_ordered(order);
  return numbers;
}

int ReplicationKeeper::cancel(const std::set<CopyKind>& kinds) {
  int concerned = 0;
  for (const auto& slot : slots_) {
    if (!kinds.contains(slot->copier.kind())) continue;
    if (slot->state.running || slot->ordered) ++concerned;
    slot->ordered.reset();
    if (slot->state.running) slot->copier.abort();
  }
  return concerned;
}

void ReplicationKeeper::run_soon(CopyKind kind) {
  Slot& slot = slot_of(kind);
  slot.begun = Instant::min();
  slot.not_before = Instant::min();
  slot.copier.wake().notify();
}

ReplicationKeeper::Slot& ReplicationKeeper::slot_of(CopyKind kind) const {
  for (const auto& slot : slots_)
    if (slot->copier.kind() == kind) return *slot;
  std::abort();  // unreachable: there is one of each
}

const CopyState& ReplicationKeeper::state(CopyKind kind) const { return slot_of(kind).state; }

std::optional<CopyMeter> ReplicationKeeper::meter(CopyKind kind) const {
  return slot_of(kind).copier.meter();
}

bool ReplicationKeeper::is_in_charge() const {
  const CopySituation now = parts_.situation();
  return now.pair != nullptr && now.pair->enabled && now.role == Role::primary &&
         now.pair->replication.owner == Owner::tandem;
}

std::vector<Condition> ReplicationKeeper::conditions() const {
  if (!is_in_charge()) return {};
  const CopySituation now = parts_.situation();
  std::vector<Condition> told;
  for (const auto& slot : slots_) {
    CopyState shown = slot->state;
    // Until the slot's next turn what held it may be long over, as the vendor's duty is after the
    // order that takes it.
    if (slot->held && !slot->waits_for_vendor && !why_not(now, *slot)) shown.held_reason.clear();
    told.push_back(replicated(slot->copier.kind(), shown, slot->held_stays));
    if (slot->held) continue;
    for (Condition& condition : slot->copier.conditions()) told.push_back(std::move(condition));
  }
  told.push_back(data_age_met(state(CopyKind::database).past.succeeded,
                              now.pair->objectives.max_data_age, parts_.clock.wall()));
  return told;
}

}  // namespace tandem
