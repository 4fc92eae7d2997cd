#include "replication/harvest/mailbox_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "core/formats.h"
#include "replication/harvest/names.h"

namespace tandem::harvest {
namespace {

using Side = Spool::Side;
using Kind = SpoolEntry::Kind;

// When it was left, by the clock of the node that took it; nullopt: its text does not say.
std::optional<WallTime> left_at(const MessageFacts& facts) {
  std::int64_t seconds = 0;
  const char* end = facts.time.data() + facts.time.size();
  const auto [rest, error] = std::from_chars(facts.time.data(), end, seconds);
  if (facts.time.empty() || error != std::errc() || rest != end) return std::nullopt;
  return time_of_seconds(seconds);
}

// "default/1001" as the vendor's programs write it.
std::string mailbox_name(const std::string& box) {
  const auto slash = box.find('/');
  return box.substr(slash + 1) + "@" + box.substr(0, slash);
}

// Gives the lock back whatever happened, but for a kill.
class Locked {
 public:
  Locked(Spool& spool, std::string folder) : spool_(spool), folder_(std::move(folder)) {}
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  Status take() { return spool_.lock(folder_); }
  Status give_back() { return spool_.unlock(folder_); }

 private:
  Spool& spool_;
  std::string folder_;
};

}  // namespace

MailboxMerge::MailboxMerge(Spool& spool, const MergeOrder& order, MergeReport& report,
                           std::string box)
    : spool_(spool), order_(order), report_(report), box_(std::move(box)) {}

void MailboxMerge::run() {
  const auto brought = all_messages(Side::brought);
  if (!brought.ok()) return report_.add(brought.error());
  auto here = all_messages(Side::here);
  if (!here.ok()) return report_.add(here.error());
  here_ = std::move(here).value();
  for (const Message& message : here_) known_.insert(text_key(message));
  known_.erase("");
  for (const Message& message : brought.value()) {
    if (!report_.goes_on(order_)) return;
    bring(message);
  }
  greetings();
}

Result<std::vector<Message>> MailboxMerge::all_messages(Side side) {
  const auto entries = entries_of(spool_, side, box_);
  if (!entries.ok()) return entries.error();
  std::vector<Message> all;
  for (const SpoolEntry& entry : entries.value()) {
    if (entry.kind != Kind::folder || !is_plain_name(entry.name) || !holds_messages(entry.name))
      continue;
    const std::string folder = joined(box_, entry.name);
    if (side == Side::here) {
      const auto cleared = spool_.clear_lock(folder);
      if (!cleared.ok()) return cleared.error();
    }
    auto found = messages_in(spool_, side, folder);
    if (!found.ok()) return found.error();
    for (Message& message : found.value()) all.push_back(std::move(message));
  }
  return all;
}

// Reading all that is heard here is dear: only where the texts alone do not tell.
Status MailboxMerge::learn_sounds() {
  for (const Message& message : here_) {
    const auto key = sound_key(spool_, Side::here, message);
    if (!key.ok() && key.error().fault == Fault::not_found) continue;  // moved meanwhile
    if (!key.ok()) return key.error();
    known_sounds_.insert(key.value());
    if (message.facts.id.empty()) nameless_sounds_.insert(key.value());
  }
  sounds_known_ = true;
  return success();
}

Result<bool> MailboxMerge::is_known(const Message& message) {
  const std::string text = text_key(message);
  if (!text.empty()) report_.seen.insert(text);
  if (known_.contains(text) || order_.settled.contains(text)) return true;
  if (!sounds_known_) {
    const auto learnt = learn_sounds();
    if (!learnt.ok()) return learnt.error();
  }
  const auto sound = sound_key(spool_, Side::brought, message);
  if (!sound.ok()) return sound.error();
  const std::string& key = sound.value();
  if (text.empty()) report_.seen.insert(key);
  // Of two identifiers the sound proves nothing.
  const bool here = (text.empty() ? known_sounds_ : nameless_sounds_).contains(key);
  const bool known = here || order_.settled.contains(key);
  // Twice in what was brought is once.
  known_sounds_.insert(key);
  if (text.empty())
    nameless_sounds_.insert(key);
  else
    known_.insert(text);
  return known;
}

bool MailboxMerge::was_deleted_here(const Message& message) const {
  const auto left = left_at(message.facts);
  return order_.messages_are_copied && left && *left < order_.since - kClockSlack;
}

void MailboxMerge::bring(const Message& message) {
  const auto known = is_known(message);
  if (!known.ok()) return report_.add(known.error());
  if (known.value() || was_deleted_here(message)) return;
  const Status placed = place(message);
  if (placed.ok()) {
    ++report_.counts.messages;
    report_.changed.insert(mailbox_name(box_));
    return;
  }
  report_.busy = report_.busy || placed.error().fault == Fault::timed_out;
  report_.add(placed.error());
}

// The first number of which there is nothing, or only sounds of this very message: a run before
// this one was killed when it had given them their names.
Result<int> MailboxMerge::free_number(const Message& message, std::set<std::string>& begun) {
  // Not entries_of(): the copies that wait for their names are hidden ones.
  const auto entries = spool_.list(Side::here, message.folder);
  if (!entries.ok()) return entries.error();
  std::map<int, std::vector<std::string>> taken;
  for (const SpoolEntry& entry : entries.value())
    if (const auto part = message_part(entry.name)) taken[part->number].push_back(part->rest);
  for (int number = 0; number < kMessagesMax; ++number) {
    begun.clear();
    const auto found = taken.find(number);
    if (found == taken.end()) return number;
    bool ours = true;
    for (const std::string& rest : found->second) {
      ours = ours && std::ranges::find(message.sounds, rest) != message.sounds.end();
      if (!ours) break;
      const std::string name = message_name({number, rest});
      const auto there = spool_.digest(Side::here, joined(message.folder, name));
      const auto wanted = spool_.digest(Side::brought, message.file(rest));
      ours = there.ok() && wanted.ok() && there.value() == wanted.value();
      begun.insert(rest);
    }
    if (ours) return number;
  }
  return Error{Fault::unavailable,
               fmt::format("{}: the folder is full ({} messages); delete some of them",
                           message.folder, kMessagesMax)};
}

Status MailboxMerge::place(const Message& message) {
  const auto made = make_path(spool_, message.folder);
  if (!made.ok()) return made;
  // All that takes time comes before the lock.
  std::vector<std::pair<std::string, std::string>> copies;  // what is behind the number, and a copy
  Status done = success();
  std::vector<std::string> parts = message.sounds;
  parts.emplace_back(kMessageText);
  for (const std::string& rest : parts) {
    const auto copy = spool_.copy_in(message.file(rest), message.folder);
    if (copy.ok())
      copies.emplace_back(rest, copy.value());
    else
      done = copy.error();
    if (!done.ok()) break;
  }
  Locked lock(spool_, message.folder);
  if (done.ok()) done = lock.take();
  const bool locked = done.ok() && copies.size() == parts.size();
  if (locked) {
    std::set<std::string> begun;
    const auto number = free_number(message, begun);
    if (!number.ok()) done = number.error();
    for (const auto& [rest, copy] : copies) {
      if (!done.ok() || begun.contains(rest)) continue;
      done = spool_.give_name(message.folder, copy, message_name({number.value(), rest}));
    }
    if (done.ok()) done = spool_.sync(message.folder);
    const auto unlocked = lock.give_back();
    if (done.ok()) done = unlocked;
  }
  // Those that have their names are hidden no more.
  for (const auto& [rest, copy] : copies) (void)spool_.drop(message.folder, copy);
  return done;
}

void MailboxMerge::greetings() {
  const auto brought = entries_of(spool_, Side::brought, box_);
  const auto here = entries_of(spool_, Side::here, box_);
  if (!brought.ok()) return report_.add(brought.error());
  if (!here.ok()) return report_.add(here.error());
  for (const SpoolEntry& entry : brought.value()) {
    if (!report_.goes_on(order_)) return;
    if (!is_greeting(entry.name) || entry.kind != Kind::file) continue;
    const auto found = std::ranges::find(here.value(), entry.name, &SpoolEntry::name);
    greeting(entry, found == here.value().end() ? nullptr : &*found);
  }
}

void MailboxMerge::greeting(const SpoolEntry& brought, const SpoolEntry* here) {
  const std::string path = joined(box_, brought.name);
  Status done = success();
  if (here == nullptr) {
    // Recorded before it served, and not here: deleted here.
    if (brought.modified < order_.since - kClockSlack) return;
    done = make_path(spool_, box_);
    if (done.ok()) done = add_as(spool_, path, box_, brought.name);
  } else {
    if (here->kind != Kind::file || brought.modified <= here->modified) return;
    const auto ours = spool_.digest(Side::here, path), theirs = spool_.digest(Side::brought, path);
    if (ours.ok() && theirs.ok() && ours.value() == theirs.value()) return;
    done = replace_and_keep(spool_, box_, brought.name);
    if (done.ok()) ++report_.counts.kept_beside;
  }
  if (!done.ok()) return report_.add(done.error());
  ++report_.counts.greetings;
}

}  // namespace tandem::harvest
