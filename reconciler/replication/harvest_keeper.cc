#include "reconciler/replication/harvest_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pbx/gate_command.h"
#include "replication/harvest/settled.h"

namespace tandem {
namespace {

constexpr std::size_t kTroublesShown = 3;

SshEnds ends_of(const HAPair& pair) { return {pair.primary.address, pair.secondary.address}; }

std::vector<std::string> kinds_of(const std::vector<harvest::HarvestTree>& trees) {
  std::vector<std::string> kinds;
  for (const auto& each : trees) {
    std::string kind;
    switch (each.kind) {
      case harvest::Kind::voicemail: kind = "voicemail"; break;
      case harvest::Kind::recordings: kind = "recordings"; break;
      case harvest::Kind::sounds: kind = "sounds"; break;
    }
    if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
  }
  return kinds;
}

std::string troubles_text(const harvest::MergeReport& report) {
  std::string text;
  for (std::size_t i = 0; i < std::min(report.troubles.size(), kTroublesShown); ++i)
    text += (i == 0 ? "" : "; ") + report.troubles[i];
  if (report.troubles.size() > kTroublesShown)
    text += fmt::format("; and {} more", report.troubles.size() - kTroublesShown);
  if (report.busy)
    text +=
        "; it is tried again. Where no call uses that mailbox, a killed program left the lock: "
        "remove the file .lock";
  return text;
}

}  // namespace

HarvestKeeper::HarvestKeeper(Parts parts)
    : parts_(std::move(parts)), signal_(parts_.clock.make_signal()) {
  auto settled = harvest::load_settled(parts_.disk, parts_.state_dir);
  settled_ = std::move(settled.messages);
  state_.home = settled.at;
}

Task<void> HarvestKeeper::run() {
  while (!stopping_) {
    if (!locks_cleared_ && is_in_charge()) co_await clear_locks();
    CopySituation now = parts_.situation();
    if (why_not()) {
      asked_ = false;
      discard_.reset();
    } else {
      co_await turn(std::move(now));
    }
    if (!stopping_) co_await parts_.clock.wait(*signal_, parts_.clock.next_turn(kTurn));
  }
  ended_ = true;
}

void HarvestKeeper::stop() {
  stopping_ = true;
  parts_.abort_fetch();
  signal_->notify();
}

void HarvestKeeper::look() {
  // What is known to be owed has its own time.
  if (state_.owed()) return;
  asked_ = false;
  next_ask_ = Instant::min();
  signal_->notify();
}

// What the secondary does is no reason: it is asked itself.
std::optional<WhyNoCopy> HarvestKeeper::why_not() const {
  CopySituation now = parts_.situation();
  now.peer.reset();
  return why_no_copy(now, true);
}

bool HarvestKeeper::is_in_charge() const {
  const CopySituation now = parts_.situation();
  return now.pair != nullptr && now.pair->enabled && now.role == Role::primary &&
         now.pair->replication.owner == Owner::tandem;
}

Status HarvestKeeper::order(std::optional<std::string> discard, std::string by) {
  if (const auto why = why_not()) return Error{Fault::invalid, why->message};
  if (discard && state_.answer && !state_.unanswered && !state_.owed()) return success();
  if (discard)
    if (const auto why = why_no_discard()) return Error{Fault::invalid, *why};
  discard_ = std::move(discard);
  discarded_ = state_.answer ? state_.answer->owed.number : 0;
  by_ = std::move(by);
  ordered_ = true;
  asked_ = false;
  next_ask_ = not_before_ = Instant::min();
  signal_->notify();
  return success();
}

std::optional<std::string> HarvestKeeper::why_no_discard() const {
  const CopySituation now = parts_.situation();
  const std::string& peer = now.pair->secondary.name;
  if (!state_.answer)
    return fmt::format("{} was not asked yet what users left on it{}; try again later", peer,
                       state_.unanswered ? ": " + *state_.unanswered : "");
  const bool serves = now.peer && has_begun_to_serve(now.peer->state);
  if (state_.answer->stands_by && !serves) return std::nullopt;
  return fmt::format(
      "{} serves, and what users leave on it from now on would be given up unseen; give it up "
      "after "
      "the failback",
      peer);
}

bool HarvestKeeper::asks_now(const CopySituation& now) const {
  if (!asked_ && parts_.clock.now() >= next_ask_) return true;
  const auto word = now.peer ? std::optional(std::pair(now.peer->state, now.peer->epoch))
                             : std::optional<std::pair<NodeState, std::uint64_t>>();
  return (word && word != word_) || parts_.clock.now() >= next_ask_;
}

Task<void> HarvestKeeper::turn(CopySituation now) {
  const HAPair pair = *now.pair;
  state_.peer = pair.secondary.name;
  state_.kinds = kinds_of(harvest::harvest_trees(pair.product, pair.replication));
  messages_are_copied_ = pair.replication.voicemail == Replication::Voicemail::all;
  if (asks_now(now)) co_await ask(ends_of(pair), std::move(now));
  if (stopping_ || !state_.answer || state_.unanswered) co_return;
  if (!state_.owed()) {
    discard_.reset();
    ordered_ = false;
    if (!cleared_) co_await clear();
    co_return;
  }
  if (parts_.clock.now() < not_before_) co_return;
  drop_stale_discard();
  const bool stands_by = state_.answer->stands_by;
  if (discard_) {
    co_await give_up(ends_of(pair));
  } else if (stands_by) {
    co_await bring_home(pair);
  } else if (prefetched_ != state_.answer->owed.number) {
    co_await prefetch(pair);
  }
}

Task<void> HarvestKeeper::clear() {
  const auto done = co_await parts_.clear_fetched();
  cleared_ = done.ok();
}

// Before anything is asked: the secondary may not answer for days, and callers leave messages.
Task<void> HarvestKeeper::clear_locks() {
  locks_cleared_ = true;
  const HAPair pair = *parts_.situation().pair;
  for (const harvest::HarvestTree& each : harvest::harvest_trees(pair.product, pair.replication)) {
    if (each.kind != harvest::Kind::voicemail) continue;
    harvest::HarvestTree tree = each;
    co_await parts_.clear_locks(std::move(tree));
  }
}

Task<void> HarvestKeeper::ask(SshEnds ends, CopySituation now) {
  word_.reset();
  if (now.peer) word_ = std::pair(now.peer->state, now.peer->epoch);
  std::string verb = kHarvestOwed;
  const auto said = co_await parts_.ask(std::move(ends), std::move(verb));
  const auto before = std::pair(state_.owed(), state_.unanswered);
  state_.unanswered.reset();
  if (said.ok()) {
    auto answer = harvest::read_answer(said.value());
    if (answer.ok())
      state_.answer = std::move(answer).value();
    else
      state_.unanswered = answer.error().message;
  } else {
    state_.unanswered = said.error().message;
  }
  asked_ = true;
  const Instant time = parts_.clock.now();
  next_ask_ = time + kAskEvery;
  if (state_.unanswered)
    next_ask_ = time + kRetryMin;
  else if (state_.owed() && !state_.answer->stands_by)
    next_ask_ = time + kAskServing;
  if (before != std::pair(state_.owed(), state_.unanswered)) parts_.changed();
}

harvest::FetchOrder HarvestKeeper::fetch_order(const HAPair& pair) const {
  harvest::FetchOrder order;
  order.ends = ends_of(pair);
  order.peer_name = pair.secondary.name;
  order.trees = harvest::harvest_trees(pair.product, pair.replication);
  order.until = parts_.clock.now() + kRunMax;
  return order;
}

// So that the run after it has little to bring. Nothing is made of it yet: what is on the secondary
// may be heard, moved and deleted until it stands by.
Task<void> HarvestKeeper::prefetch(const HAPair& pair) {
  prefetched_ = state_.answer->owed.number;
  cleared_ = false;
  state_.running = true;
  harvest::FetchOrder order = fetch_order(pair);
  (void)co_await parts_.fetch(std::move(order));
  state_.running = false;
}

Task<void> HarvestKeeper::bring_home(const HAPair& pair) {
  begun_ = parts_.clock.now();
  state_.running = true;
  cleared_ = false;
  ordered_ = false;
  parts_.changed();
  const harvest::FetchOrder order = fetch_order(pair);
  harvest::FetchOrder asked = order;
  const harvest::FetchReport fetched = co_await parts_.fetch(std::move(asked));
  if (fetched.trouble) {
    fail(fetched.reason, *fetched.trouble);
    co_return;
  }
  const auto merged = co_await merge_all(order);
  if (!merged) co_return;
  const bool home = co_await settle(order.ends);
  if (!home) co_return;
  HarvestTold told;
  told.result = HarvestResult::home;
  told.counts = merged->counts;
  told.message = fmt::format("{} came home from {}", describe(merged->counts), state_.peer);
  told.bytes = fetched.bytes;
  tell(std::move(told));
}

// nullopt: not all is home, which is told.
Task<std::optional<harvest::MergeReport>> HarvestKeeper::merge_all(
    const harvest::FetchOrder& order) {
  harvest::MergeReport all;
  for (const harvest::HarvestTree& each : order.trees) {
    harvest::HarvestTree tree = each;
    harvest::MergeOrder merge;
    merge.since = state_.answer->owed.since;
    merge.messages_are_copied = messages_are_copied_;
    merge.settled = settled_;
    merge.enough = [this, until = order.until] { return stopping_ || parts_.clock.now() >= until; };
    all += co_await parts_.merge(std::move(tree), std::move(merge));
  }
  // Also where nothing is new: a run before this one may have been killed before it could.
  if (!all.seen.empty()) {
    const auto recounted = co_await parts_.recount();
    state_.lamps.reset();
    if (!recounted.ok())
      state_.lamps = fmt::format(
          "messages came home, and the lamps of phones may not show them until the next one comes: "
          "{}; run: asterisk -rx 'voicemail reload'",
          recounted.error().message);
  }
  if (!all.ok()) {
    fail(all.busy ? "MailboxInUse" : "NotAllMerged", troubles_text(all));
    co_return std::nullopt;
  }
  settled_ = all.seen;
  co_return all;
}

Task<bool> HarvestKeeper::settle(SshEnds ends) {
  std::string verb = harvest_home(state_.answer->owed.number);
  const auto said = co_await parts_.ask(std::move(ends), std::move(verb));
  // By the next word of it: it may have begun to serve again.
  asked_ = false;
  next_ask_ = Instant::min();
  if (said.ok()) {
    state_.answer->owed.owed = false;
    co_return true;
  }
  fail("NotSettled", said.error().message);
  co_return false;
}

Task<void> HarvestKeeper::give_up(SshEnds ends) {
  const std::string reason = discard_.value_or("");
  begun_ = parts_.clock.now();
  discard_.reset();
  ordered_ = false;
  const bool home = co_await settle(std::move(ends));
  if (!home) co_return;
  HarvestTold told;
  told.result = HarvestResult::discarded;
  told.message = fmt::format("{} gave up what users left on {}, because: {}",
                             by_.empty() ? "somebody" : by_, state_.peer, reason);
  tell(std::move(told));
}

// It has served since it was ordered, or serves: nobody meant what was left there then.
void HarvestKeeper::drop_stale_discard() {
  if (!discard_) return;
  if (state_.answer->stands_by && state_.answer->owed.number == discarded_) return;
  discard_.reset();
  begun_ = parts_.clock.now();
  fail("NotGivenUp", state_.peer +
                         " has begun to serve since that was ordered; order it again after "
                         "the failback");
  not_before_ = next_ask_ = parts_.clock.now() + kAskServing;
}

void HarvestKeeper::fail(std::string reason, std::string message) {
  Duration pause = kRetryMin;
  for (int i = 0; i < failures_ && pause < kRetryMax; ++i) pause *= 2;
  ++failures_;
  not_before_ = parts_.clock.now() + std::min<Duration>(pause, kRetryMax);
  HarvestTold told;
  told.reason = std::move(reason);
  told.message = std::move(message);
  // Asked again before the next try.
  next_ask_ = not_before_;
  tell(std::move(told));
}

void HarvestKeeper::tell(HarvestTold told) {
  state_.running = false;
  told.ended = parts_.clock.wall();
  told.took = std::chrono::duration_cast<std::chrono::milliseconds>(parts_.clock.now() - begun_);
  if (told.result != HarvestResult::failed) failures_ = 0;
  if (told.result == HarvestResult::home) {
    state_.home = told.ended;
    // Lost at the worst, a message that its user deleted may come home once more.
    (void)harvest::keep_settled(parts_.disk, parts_.state_dir, {told.ended, settled_});
  }
  state_.last = told;
  for (Observer* observer : parts_.observers) observer->harvested(told);
  parts_.changed();
}

std::vector<Condition> HarvestKeeper::conditions() const {
  if (!is_in_charge()) return {};
  HarvestState shown = state_;
  shown.peer = parts_.situation().pair->secondary.name;
  return {harvest_pending(shown, parts_.database())};
}

}  // namespace tandem
