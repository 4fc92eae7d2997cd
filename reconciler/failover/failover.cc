#include "reconciler/failover/failover.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reconciler/failover/order_words.h"
#include "reconciler/failover/orders.h"

namespace tandem {
namespace {

using enum NodeState;

// Whether entering this state has the services of the node started or stopped.
bool starts_or_stops(Role role, const FailoverMemory& memory) {
  if (role == Role::primary)
    return memory.start_again && (memory.state == maintenance || memory.state == rejoining);
  return memory.state == activating || memory.state == deactivating;
}

// A takeover that was ordered for the time of a maintenance is given back when that is over.
bool ends_with_maintenance(const FailoverMemory& memory) {
  return memory.cause == TakeoverCause::ordered || memory.cause == TakeoverCause::announced;
}

std::optional<WallTime> until_of(const std::optional<Suspension>& suspension) {
  return suspension ? std::optional(suspension->until) : std::nullopt;
}

}  // namespace

Suspension suspension_of_loss(WallTime now) {
  return {std::string(kMemoryLost), now + kOrderLastsMax};
}

FailoverEngine::FailoverEngine(MemoryKeeper& keeper, std::string boot_id, const Rules& rules)
    : keeper_(keeper), rules_(rules), boot_id_(std::move(boot_id)), hearing_(rules.listening) {
  situation_.rules = &rules_;
  const auto kept = keeper_.load();
  durable_ = false;  // what was read may never have come to the disk: the first turn writes it
  if (kept.ok() && kept.value()) memory_ = written_ = *kept.value();
  booted_ = memory_.boot_id != boot_id_;
}

// The first turn, and every change of the pair or of our role in it.
void FailoverEngine::begin(const Inputs& inputs, Instant now, WallTime wall) {
  const std::string key = pair_key(*inputs.pair, inputs.node);
  // What was heard, and not heard, was said of other addresses.
  if (begun_ && memory_.pair_key != key) hearing_.forget(now);
  memory_.belong_to(key, same_role(memory_.pair_key, key));
  if (!begun_ && keeper_.is_lost()) memory_.suspension = suspension_of_loss(wall);
  const bool was_cut_off = memory_.state == isolated;
  Start start = start_from(rules_, inputs.role, *inputs.pair, std::move(memory_), wall);
  memory_ = std::move(start.memory);
  memory_.boot_id = boot_id_;
  if (inputs.role == Role::off) memory_.state = off;
  since_ = now;
  undecided_ = true;
  attempts_ = memory_.state == activating || memory_.state == faulted ? 1 : 0;
  if (!begun_) hearing_.remember(memory_.announced);
  // After a boot, what was around may be gone for good, and the grace is there for that.
  if (!begun_ && (!booted_ || was_cut_off) && memory_.witness_usable)
    hearing_.remember_witness(now);
  if (booted_) grace_until_ = now + inputs.pair->failover.boot_grace;
  booted_ = false;
  begun_ = true;
  role_ = inputs.role;
}

// What is learnt beside any change of state.
void FailoverEngine::absorb(const Inputs& inputs, Instant now, WallTime wall) {
  const Weighed& heard = hearing_.weigh(inputs.pair->failover, now, wall);
  if (heard.answering_since) memory_.sip_seen = true;
  if (heard.verdict != PrimaryVerdict::unknown) memory_.witness_usable = heard.witness_usable;
  if (heard.verdict == PrimaryVerdict::serving) grace_until_.reset();
  const auto& announced = hearing_.announced();
  if (memory_.announced && !announced && ends_with_maintenance(memory_)) memory_.held = false;
  memory_.announced = announced;
  const PeerWord* word = hearing_.word();
  if (inputs.upgrading || (word && word->upgrading)) upgraded_ = now;

  if (inputs.upgrading) own_upgraded_ = now;

  const auto& declared = inputs.pair->suspend;
  declared_suspension_.set(until_of(declared), now, wall);
  const auto& ordered = memory_.suspension;
  ordered_suspension_.set(until_of(ordered), now, wall);
  if (ordered_suspension_.over(now, wall)) {
    memory_.suspension.reset();
    if (keeper_.is_lost()) memory_.suspension = suspension_of_loss(wall);
    ordered_suspension_.set(until_of(memory_.suspension), now, wall);
  }
  if (!memory_.suspension && keeper_.is_lost()) keeper_.get_over_loss();
  const auto& own = memory_.maintenance;
  maintenance_.set(own ? std::optional(own->until) : std::nullopt, now, wall);
  expire_orders(now);
}

void FailoverEngine::look(const Inputs& inputs, Instant now, WallTime wall) {
  const PeerWord* word = hearing_.word();
  situation_.role = role_;
  situation_.pair = &pair_;
  situation_.memory = &memory_;
  situation_.hearing = &hearing_;
  situation_.own = inputs.own;
  situation_.own_seen = inputs.own_seen;
  situation_.fit = inputs.fit;
  situation_.now = now;
  situation_.wall = wall;
  situation_.since = since_;
  situation_.attempts = attempts_;
  situation_.served = served_;
  situation_.upgraded = upgraded_;
  situation_.own_upgraded = own_upgraded_;
  situation_.undecided = undecided_;
  situation_.gate_open = inputs.closed.empty();
  situation_.suspended = suspended(now, wall);
  situation_.grace_over = !grace_until_ || now >= *grace_until_;
  situation_.role_conflict = word != nullptr && role_ != Role::off && word->role == role_;
  situation_.maintenance_over = maintenance_.over(now, wall) || !memory_.maintenance;
  situation_.in_window = inputs.in_window;
  situation_.durable = durable_;
  situation_.order = waiting_ ? std::optional(waiting_->decides) : std::nullopt;
}

std::vector<Transition> FailoverEngine::turn(const Inputs& inputs, Instant now, WallTime wall) {
  std::vector<Transition> told;
  const bool new_pair = !begun_ || role_ != inputs.role || !(pair_ == *inputs.pair);
  if (new_pair) {
    pair_ = *inputs.pair;
    if (!begun_ || role_ != inputs.role || memory_.pair_key != pair_key(pair_, inputs.node)) {
      const NodeState before = memory_.state;
      // After a boot nothing runs that could be adopted: all is started, and its hooks run.
      const bool went_on = !booted_ && (before == active || before == failback_hold);
      begin(inputs, now, wall);
      adopting_ = went_on && memory_.state == activating;
      if (before != memory_.state)
        told.push_back({before, memory_.state,
                        std::string(start_row(rules_.starts_of(role_), before).why), memory_.epoch,
                        memory_.cause, wall, adopting_});
    }
  }
  inputs_ = inputs;
  inputs_.pair = &pair_;
  stalled_ = hearing_.turned(now);
  absorb(inputs_, now, wall);
  for (int count = 0; count < kTransitionsMax; ++count) {
    look(inputs_, now, wall);
    Decision decision = decide(situation_);
    if (decision.row == nullptr) break;
    if (decision.carries_out_order && waiting_)
      decision.memory.note_order(waiting_->order.id, waiting_->answer);
    // On the disk before anything is done, or not done.
    if (!write_down(decision.memory) && rules_.write_before_acting && !may_go_without(decision))
      break;
    enter(decision, now, told, wall);
  }
  look(inputs_, now, wall);
  write_down(memory_);
  stance_ = stance_of(role_, pair_, memory_);
  // Nothing is stopped on the strength of what a cut of the power would take back, and a primary
  // stops no more of itself while the other node does not serve.
  const bool alone = role_ == Role::primary && !secondary_serves(situation_);
  if (stance_ == Stance::standing_by && (alone || !durable_)) stance_ = Stance::as_is;
  by_parts_ = tandem::starts_by_parts(situation_);
  return told;
}

void FailoverEngine::enter(const Decision& decision, Instant now, std::vector<Transition>& told,
                           WallTime wall) {
  const NodeState from = memory_.state;
  memory_ = decision.memory;
  undecided_ = false;
  const bool adopted = std::exchange(adopting_, false) && memory_.state == active;
  since_ = now;
  if (memory_.state == activating) attempts_ = from == faulted ? attempts_ + 1 : 1;
  if (memory_.state == activating) served_ = from == active || from == latched;
  if (decision.evidence_anew) hearing_.start_anew(now);
  if (starts_or_stops(role_, memory_)) hearing_.forget_own_sip(now);
  if (decision.carries_out_order) carried_out();
  told.push_back({from, memory_.state, std::string(decision.row->why), memory_.epoch, memory_.cause,
                  wall, adopted});
  absorb(inputs_, now, wall);
}

bool FailoverEngine::write_down(const FailoverMemory& memory) {
  if (durable_ && memory == written_) return true;
  durable_ = keeper_.keep(memory).ok();
  if (durable_) written_ = memory;
  return durable_;
}

// A disk that refuses must not keep the telephones dead while the primary's host is: everything
// else that starts or stops them waits.
bool FailoverEngine::may_go_without(const Decision& decision) const {
  switch (decision.row->to) {
    case activating:
      return decision.row->from == active || decision.row->from == latched ||
             decision.cause == TakeoverCause::host_down ||
             (decision.row->when == When::retry_due && memory_.fault_of_activation);
    case deactivating: return false;
    case maintenance: return !situation_.order->maintenance.stopped;
    default: return true;
  }
}

bool FailoverEngine::suspended(Instant now, WallTime wall) const {
  return declared_suspension_.lasts(now, wall) || ordered_suspension_.lasts(now, wall);
}

PeerWord FailoverEngine::word(Instant now, WallTime wall) const {
  const Weighed& heard = hearing_.weighed();
  PeerWord word;
  word.pair = pair_.name;
  word.node = inputs_.node;
  word.role = role_;
  word.state = memory_.state;
  word.epoch = memory_.epoch;
  word.cause = memory_.cause;
  // It does not vouch for what answers 503.
  word.sip = heard.own_sip_poor ? OwnSip::unknown : heard.own_sip;
  word.trouble = inputs_.own.trouble;
  word.impaired = inputs_.own.impaired;
  word.upgrading = inputs_.upgrading;
  word.hears_us = heard.peer_heard;
  word.hears_our_sip = heard.answering_since.has_value();
  if (memory_.state == maintenance && maintenance_.lasts(now, wall))
    word.maintenance = memory_.maintenance;
  word.suspension = memory_.suspension;
  word.spec_sha256 = inputs_.spec_sha256;
  word.tandem_version = inputs_.tandem_version;
  word.product_version = inputs_.product_version;
  word.boot_id = boot_id_;
  if (!memory_.orders.empty())
    std::tie(word.last_order, word.last_order_result) = memory_.orders.back();
  return word;
}

}  // namespace tandem
