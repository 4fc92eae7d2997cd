#include "replication/stream/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tandem::stream {
namespace {

bool follows(const Seen& seen) { return seen.subscription && seen.subscription->enabled; }
bool is_possible(const Seen& seen) { return seen.logical && seen.role; }

bool off(const Wanted& wanted, const Seen& /*seen*/) { return !wanted.stream; }
bool off_and_subscribed(const Wanted& wanted, const Seen& seen) {
  return !wanted.stream && seen.subscription && seen.subscription->ours;
}
// Without the role nobody can drop them but the server's superuser: postgres-access does.
bool off_and_slots(const Wanted& wanted, const Seen& seen) {
  return !wanted.stream && seen.role && !seen.slots.empty();
}
bool off_and_published(const Wanted& wanted, const Seen& seen) {
  return !wanted.stream && seen.published;
}
bool foreign(const Wanted& /*wanted*/, const Seen& seen) {
  return seen.subscription && !seen.subscription->ours;
}
bool impossible_but_follows(const Wanted& /*wanted*/, const Seen& seen) {
  return !is_possible(seen) && follows(seen);
}
bool not_logical(const Wanted& /*wanted*/, const Seen& seen) { return !seen.logical; }
bool no_role(const Wanted& /*wanted*/, const Seen& seen) { return !seen.role; }
bool others_publication(const Wanted& /*wanted*/, const Seen& seen) {
  return seen.foreign_publication;
}
bool others_publication_followed(const Wanted& /*wanted*/, const Seen& seen) {
  return seen.foreign_publication && follows(seen);
}
bool other_tables(const Wanted& /*wanted*/, const Seen& seen) {
  return seen.published != seen.wanted;
}
bool other_subscription(const Wanted& /*wanted*/, const Seen& seen) {
  return seen.subscription && seen.subscription->tables != seen.wanted;
}
bool leftovers(const Wanted& /*wanted*/, const Seen& seen) { return !seen.left_over().empty(); }
bool not_subscribed(const Wanted& /*wanted*/, const Seen& seen) { return !seen.subscription; }
bool unseeded(const Wanted& /*wanted*/, const Seen& seen) {
  return seen.subscription->slot == kUnseeded;
}
bool lost(const Wanted& /*wanted*/, const Seen& seen) {
  return seen.followed() == nullptr || seen.followed()->lost;
}
bool stopped(const Wanted& /*wanted*/, const Seen& seen) { return !seen.subscription->enabled; }
bool conflicted(const Wanted& wanted, const Seen& seen) {
  return stopped(wanted, seen) && wanted.errors && seen.subscription->errors > *wanted.errors;
}
bool cut(const Wanted& /*wanted*/, const Seen& seen) { return !seen.followed()->active; }
bool behind(const Wanted& /*wanted*/, const Seen& seen) {
  return seen.followed()->confirmed < seen.written;
}
bool to_be_proven(const Wanted& wanted, const Seen& /*seen*/) { return wanted.prove; }
bool always(const Wanted& /*wanted*/, const Seen& /*seen*/) { return true; }

using enum Step;

constexpr std::array kRows = std::to_array<StepRow>({
    {end_subscription, off_and_subscribed, "Ending", "no stream is declared any more"},
    {drop_slots, off_and_slots, "Ending", "no stream is declared any more"},
    {drop_publication, off_and_published, "Ending", "no stream is declared any more"},
    {copy, off, "Off", "no stream is declared"},
    {copy, foreign, "SubscriptionNotOurs",
     "the secondary has a subscription tandem that Tandem did not make: it is neither used nor "
     "changed; rename it there: runuser -u postgres -- psql asterisk -c 'alter subscription tandem "
     "rename to NAME'"},
    {end_subscription, impossible_but_follows, "NotReady",
     "the primary's server has no stream to give any more"},
    {copy, not_logical, "NotReady",
     "the primary's server does not run with wal_level = logical: it needs one restart, see "
     "PostgresRestartPending; copies are made by snapshot meanwhile"},
    {copy, no_role, "NotReady",
     "the primary's server has no role tandem_stream yet, see PostgresAccessReady; copies are made "
     "by snapshot meanwhile"},
    {end_subscription, others_publication_followed, "PublicationNotOurs",
     "the primary has a publication tandem that Tandem did not make"},
    {copy, others_publication, "PublicationNotOurs",
     "the primary has a publication tandem that Tandem did not make: it is neither used nor "
     "changed; rename it there: runuser -u postgres -- psql asterisk -c 'alter publication tandem "
     "rename to NAME'; copies are made by snapshot meanwhile"},
    {publish, other_tables, "Starting", "the publication has other tables than are to be streamed"},
    {end_subscription, other_subscription, "Starting",
     "the subscription takes other tables than are published"},
    {drop_slots, leftovers, "Starting", "a slot keeps log that nobody will ever ask for"},
    {copy, not_subscribed, "SecondaryNotReady",
     "the secondary has no subscription yet: its operator makes one while it stands by and its own "
     "declaration says mode stream, see StreamHealthy there; copies are made by snapshot "
     "meanwhile"},
    {seed, unseeded, "Starting", "the subscription follows no slot yet"},
    {seed, lost, "SlotLost", "the primary's server has let go of the log that the stream needs"},
    {seed, conflicted, "Conflict",
     "the secondary's server stopped the stream at an error: a change that it could not make, as "
     "of "
     "a row that somebody else made there, or a link that broke in the middle; its log tells "
     "which"},
    {seed, stopped, "Stopped", "the secondary did not let the stream in for a while"},
    {seed, cut, "NotConnected",
     "the secondary's server does not fetch the stream: it does not reach the primary's server, or "
     "is refused there"},
    {seed, behind, "Behind",
     "the secondary's server takes the stream slower than it comes, or waits for somebody's lock"},
    {seed, to_be_proven, "Streaming", "all is compared"},
    {follow, always, "Streaming", "the stream runs"},
});

static_assert(kRows.back().step == follow && kRows.back().when == always);

}  // namespace

const SlotSeen* Seen::followed() const {
  if (!subscription) return nullptr;
  const auto found = std::find_if(slots.begin(), slots.end(), [&](const SlotSeen& slot) {
    return slot.name == subscription->slot;
  });
  return found == slots.end() ? nullptr : &*found;
}

std::vector<std::string> Seen::left_over() const {
  std::vector<std::string> names;
  for (const SlotSeen& slot : slots)
    if (&slot != followed()) names.push_back(slot.name);
  return names;
}

std::span<const StepRow> rows() { return kRows; }

const StepRow& next_step(const Wanted& wanted, const Seen& seen) {
  return *std::find_if(kRows.begin(), kRows.end(),
                       [&](const StepRow& row) { return row.when(wanted, seen); });
}

std::vector<std::string> outlook(bool streams, const Seen& seen) {
  std::vector<std::string> told;
  if (streams && !seen.foreign_publication && seen.published != seen.wanted)
    told.push_back(fmt::format("the publication {} would be made, of {} tables", kPublication,
                               seen.wanted.size()));
  if (!streams && seen.published)
    told.push_back(fmt::format("the publication {} would be removed", kPublication));
  if (!streams && seen.subscription && seen.subscription->ours)
    told.push_back(fmt::format("the secondary's subscription {} would be removed", kSubscription));
  for (const SlotSeen& slot : seen.slots)
    if (!streams || &slot != seen.followed())
      told.push_back(fmt::format("the slot {} would be removed", slot.name));
  if (!streams) return told;
  if (!seen.subscription) told.emplace_back("the secondary's operator would make a subscription");
  const StepRow& row = next_step({.stream = true, .prove = false}, seen);
  if (row.step == Step::copy) told.emplace_back(row.why);
  if (row.step == Step::seed)
    told.push_back(fmt::format("a new slot would begin, and all be compared: {}", row.why));
  return told;
}

}  // namespace tandem::stream
