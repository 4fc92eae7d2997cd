#include "reconciler/notify/notifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "ports/gather.h"

namespace tandem {
namespace {

constexpr std::string_view kCondition = "NotificationsDelivered";

Condition delivered_condition(Truth status, std::string reason, std::string message) {
  return {std::string(kCondition), status, std::move(reason), std::move(message), true};
}

}  // namespace

Notifier::Notifier(Parts parts)
    : parts_(std::move(parts)),
      signal_(parts_.clock.make_signal()),
      keep_signal_(parts_.clock.make_signal()),
      ended_signal_(parts_.clock.make_signal()) {}

void Notifier::load() {
  journal_.serial = parts_.serial;
  const auto text = parts_.journal.read(NotifyJournal::kBytesMax);
  if (!text.ok()) {
    journal_trouble_ = text.error().message;
  } else if (text.value()) {
    auto kept = journal_of_text(*text.value(), parts_.clock.now());
    if (kept.ok())
      journal_ = std::move(kept).value();
    else
      damaged_ = true;
  }
}

Task<void> Notifier::run() {
  load();
  parts_.spawn(keep());
  while (!stopping_) {
    look();
    co_await parts_.clock.wait(*signal_, parts_.clock.next_turn(kLook));
  }
}

void Notifier::stop() {
  stopping_ = true;
  signal_->notify();
  keep_signal_->notify();
  for (const ChannelPtr& channel : channels_) channel->signal->notify();
}

Task<void> Notifier::ended() {
  const Instant limit = parts_.clock.now() + kEndLimit;
  while ((under_way_ > 0 || kept_ < version_) && parts_.clock.now() < limit) {
    keep_signal_->notify();
    co_await parts_.clock.wait(*ended_signal_, limit);
  }
}

void Notifier::look() {
  const HAPair* pair = parts_.declared();
  if (pair == nullptr) return;
  follow(*pair);
  auto facts = parts_.facts();
  if (!facts) return;
  facts->takeover = takeover_;
  const ToldState before = journal_.told;
  if (channels_.empty()) {
    // With nobody to tell nothing counts as told: whoever is declared later hears what is so then.
    journal_.told = {true, facts->epoch, ToldState::Takeover::none, {}};
  } else {
    queue(matters_.look(*facts, journal_.told, parts_.clock.now(), parts_.clock.wall()));
  }
  if (journal_.told == before) return;
  ++version_;
  keep_signal_->notify();
}

// A receiver that stays declared keeps its queue, whatever else was edited.
void Notifier::follow(const HAPair& pair) {
  if (pair.notify == followed_) return;
  followed_ = pair.notify;
  std::vector<ChannelPtr> now;
  for (const Receiver& receiver : receivers_of(followed_)) {
    ChannelPtr channel = channel_of(receiver.key);
    if (!channel) {
      channel = std::make_shared<Channel>();
      channel->receiver = receiver;
      channel->signal = parts_.clock.make_signal();
      if (const auto kept = journal_.boxes.find(receiver.key); kept != journal_.boxes.end())
        channel->box = std::move(kept->second);
      parts_.spawn(serve(channel));
    }
    channel->receiver.label = receiver.label;
    now.push_back(std::move(channel));
  }
  for (const ChannelPtr& channel : channels_) {
    if (std::find(now.begin(), now.end(), channel) != now.end()) continue;
    channel->removed = true;
    channel->signal->notify();
    if (const std::size_t lost = channel->box.waiting(); lost > 0)
      tell(NotifyTold::Kind::removed, *channel, lost, "it is declared no more");
  }
  channels_ = std::move(now);
  journal_.boxes.clear();
  ++version_;
  keep_signal_->notify();
  parts_.changed();
}

Notifier::ChannelPtr Notifier::channel_of(const std::string& key) const {
  for (const ChannelPtr& channel : channels_)
    if (channel->receiver.key == key) return channel;
  return nullptr;
}

// What the box holds now must be in the journal before it is acted on.
void Notifier::touch(Channel& channel) {
  channel.version = ++version_;
  keep_signal_->notify();
}

void Notifier::queue(std::vector<Notice> notices) {
  if (notices.empty()) return;
  for (Notice& notice : notices) {
    notice.id = journal_.next_id++;
    for (const ChannelPtr& channel : channels_) {
      const std::uint64_t before = channel->box.dropped();
      channel->box.add(notice, parts_.clock.now());
      if (channel->box.dropped() > before)
        tell(NotifyTold::Kind::dropped, *channel, channel->box.dropped() - before,
             fmt::format("more than {} waited", Outbox::kWaitingMax));
    }
  }
  for (const ChannelPtr& channel : channels_) touch(*channel);
}

Task<void> Notifier::serve(ChannelPtr channel) {
  while (!stopping_ && !channel->removed) {
    const Instant now = parts_.clock.now();
    const bool kept = kept_ >= channel->version;
    const Instant due = kept ? channel->box.due(now) : Instant::max();
    if (due > now) {
      co_await parts_.clock.wait(*channel->signal, std::min(due, now + std::chrono::hours{1}));
      continue;
    }
    if (!channel->box.has_batch()) {
      channel->box.batch();
      touch(*channel);
      continue;
    }
    Message message = message_of(*channel);
    Receiver receiver = channel->receiver;
    ++under_way_;
    const Attempt attempt =
        co_await parts_.courier.hand_over(std::move(receiver), std::move(message));
    --under_way_;
    // What our own end has cut short is no failure of the receiver's.
    if (!stopping_ || attempt.result == Attempt::Result::delivered) settle(*channel, attempt);
    if (stopping_) ended_signal_->notify();
  }
}

void Notifier::settle(Channel& channel, const Attempt& attempt) {
  if (channel.removed) return;  // its loss was told
  using enum NotifyTold::Kind;
  const std::size_t notices = channel.box.batch().notices.size();
  std::string subject = subject_of(message_of(channel));
  const std::string before = channel.box.standing().failure;
  const std::size_t lost = channel.box.settle(attempt, parts_.clock.now(), parts_.clock.wall());
  if (attempt.result == Attempt::Result::delivered) {
    tell(delivered, channel, notices, std::move(subject));
  } else {
    NotifyTold told{failed,      channel.receiver.label, channel.receiver.kind, notices,
                    attempt.why, attempt.why != before};
    for (Observer* observer : parts_.observers) observer->notified(told);
    if (lost > 0) tell(dropped, channel, lost, attempt.why);
  }
  touch(channel);
  parts_.changed();
}

Message Notifier::message_of(Channel& channel) const {
  const Outbox::Batch& batch = channel.box.batch();
  const HAPair* pair = parts_.declared();
  Message message;
  message.id = fmt::format("{}-{}-{}", parts_.node, journal_.serial, batch.notices.back().id);
  message.pair = pair != nullptr ? pair->name : "";
  message.node = parts_.node;
  message.at = parts_.clock.wall();
  message.notices = batch.notices;
  message.dropped = batch.dropped;
  return message;
}

void Notifier::tell(NotifyTold::Kind kind, const Channel& channel, std::size_t count,
                    std::string text) {
  const NotifyTold told{kind,  channel.receiver.label, channel.receiver.kind,
                        count, std::move(text),        true};
  for (Observer* observer : parts_.observers) observer->notified(told);
}

std::string Notifier::text_now() const {
  NotifyJournal journal = journal_;
  for (const ChannelPtr& channel : channels_)
    journal.boxes.insert_or_assign(channel->receiver.key, channel->box);
  return to_text(journal);
}

Task<void> Notifier::keep() {
  while (!stopping_ || kept_ < version_) {
    if (kept_ < version_) {
      const std::uint64_t version = version_;
      const Status written = co_await parts_.journal.write(text_now());
      const std::string trouble = written.ok() ? "" : written.error().message;
      kept_ = version;
      if (trouble != journal_trouble_) {
        journal_trouble_ = trouble;
        parts_.changed();
      }
      for (const ChannelPtr& channel : channels_) channel->signal->notify();
      if (stopping_) ended_signal_->notify();
      continue;
    }
    const Instant now = parts_.clock.now();
    const Instant until = journal_trouble_.empty() ? Instant::max() : now + kJournalRetry;
    co_await parts_.clock.wait(*keep_signal_, until);
    if (!journal_trouble_.empty() && parts_.clock.now() >= now + kJournalRetry) ++version_;
  }
}

Task<Result<std::vector<Notifier::Tested>>> Notifier::test() {
  using Answer = Result<std::vector<Tested>>;
  if (testing_) co_return Answer(Error{Fault::unavailable, "a test is under way"});
  if (channels_.empty())
    co_return Answer(Error{Fault::invalid,
                           "spec.notify of the declaration in force names nobody, or none is in "
                           "force; see `tandem status`"});
  testing_ = true;
  std::vector<Tested> tested(channels_.size());
  std::vector<Task<void>> tasks;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    Notice notice;
    notice.id = journal_.next_id++;
    notice.at = parts_.clock.wall();
    notice.matter = "Test";
    notice.phase = Notice::Phase::test;
    notice.severity = Notice::Severity::info;
    notice.title = "a test of notifications";
    notice.text = "somebody typed `tandem notify --test`; nothing is wrong";
    Message message;
    message.id = fmt::format("{}-{}-{}", parts_.node, journal_.serial, notice.id);
    message.pair = parts_.declared() != nullptr ? parts_.declared()->name : "";
    message.node = parts_.node;
    message.at = notice.at;
    message.notices.push_back(std::move(notice));
    tasks.push_back(try_out(channels_[i]->receiver, std::move(message), tested[i]));
  }
  ++version_;
  keep_signal_->notify();
  co_await gather(std::move(tasks));
  testing_ = false;
  parts_.changed();
  co_return Answer(std::move(tested));
}

Task<void> Notifier::try_out(Receiver receiver, Message message, Tested& tested) {
  tested.receiver = receiver.label;
  tested.kind = receiver.kind;
  const Instant begun = parts_.clock.now();
  Receiver copy = receiver;
  tested.attempt = co_await parts_.courier.hand_over(std::move(copy), std::move(message));
  tested.took = std::chrono::duration_cast<std::chrono::milliseconds>(parts_.clock.now() - begun);
  const bool good = tested.attempt.result == Attempt::Result::delivered;
  if (!good) tested.remedy = remedy_of(receiver);
  const ChannelPtr channel = channel_of(receiver.key);
  if (!channel) co_return;
  channel->box.note(tested.attempt, parts_.clock.now(), parts_.clock.wall());
  if (good)
    tell(NotifyTold::Kind::delivered, *channel, 1, "a test");
  else
    tell(NotifyTold::Kind::failed, *channel, 1, tested.attempt.why);
  touch(*channel);
}

std::vector<Notifier::Standing> Notifier::standings() const {
  std::vector<Standing> standings;
  for (const ChannelPtr& channel : channels_)
    standings.push_back({channel->receiver.label, channel->receiver.kind, channel->box.waiting(),
                         channel->box.dropped(), channel->box.standing()});
  return standings;
}

std::vector<Condition> Notifier::conditions() const {
  if (channels_.empty()) return {};
  bool any = false;
  for (const ChannelPtr& channel : channels_) {
    const Outbox::Standing& last = channel->box.standing();
    any = any || last.last_success;
    if (!channel->box.in_trouble(parts_.clock.now())) continue;
    return {delivered_condition(
        Truth::no, last.refused ? "Refused" : "NotDelivered",
        fmt::format("{} is not told: {}. {} notices wait, {} were given up. `tandem notify --test` "
                    "tries it and tells what to look at",
                    channel->receiver.label, last.failure, channel->box.waiting(),
                    channel->box.dropped()))};
  }
  if (!journal_trouble_.empty())
    return {delivered_condition(
        Truth::no, "JournalNotKept",
        fmt::format("people are told, and what they were told can not be kept: {}. After a restart "
                    "it may be told again, or what waits be lost; make room on the disk of the "
                    "state directory",
                    journal_trouble_))};
  std::string message = any ? "what was to be told has arrived, as far as is known here"
                            : "nothing had to be told yet; `tandem notify --test` tries it";
  if (damaged_) message += " (the journal was damaged at the start, and begun anew)";
  return {delivered_condition(Truth::yes, any ? "Delivered" : "NothingToTell", std::move(message))};
}

void Notifier::condition_changed(const Condition& condition) {
  if (condition.type != kCondition) signal_->notify();
}

void Notifier::state_changed(const Transition&) { signal_->notify(); }

void Notifier::taken_over(const TakeoverRecord& record) {
  const bool same = takeover_ && takeover_->epoch == record.epoch;
  takeover_ = same ? merged(*takeover_, record) : record;
}

void Notifier::spec_accepted(std::string_view) { signal_->notify(); }

}  // namespace tandem
