#include <gtest/gtest.h>

#include "replication/stream/state.h"

namespace tandem::stream {
namespace {

// A stream that runs.
Seen running() {
  Seen seen;
  seen.logical = seen.role = true;
  seen.written = 100;
  seen.wanted = {"a", "b"};
  seen.published = seen.wanted;
  seen.slots = {{.name = "tandem_1", .active = true, .confirmed = 100}};
  seen.subscription = SubscriptionSeen{
      .ours = true, .enabled = true, .applies = true, .slot = "tandem_1", .tables = seen.wanted};
  return seen;
}

constexpr Wanted kStream{.stream = true, .prove = false, .errors = 0};

Step step_of(const Seen& seen, const Wanted& wanted = kStream) {
  return next_step(wanted, seen).step;
}
std::string_view reason_of(const Seen& seen, const Wanted& wanted = kStream) {
  return next_step(wanted, seen).reason;
}

TEST(StreamState, FollowsWhatRuns) {
  EXPECT_EQ(step_of(running()), Step::follow);
  Wanted proof = kStream;
  proof.prove = true;
  EXPECT_EQ(step_of(running(), proof), Step::seed);
}

TEST(StreamState, CopiesBySnapshotWhatItCanNotStream) {
  Seen seen = running();
  seen.subscription.reset();
  seen.slots.clear();
  EXPECT_EQ(reason_of(seen), "SecondaryNotReady");
  seen.role = false;
  EXPECT_EQ(step_of(seen), Step::copy);
  EXPECT_EQ(reason_of(seen), "NotReady");
  seen.role = true;
  seen.logical = false;
  EXPECT_EQ(step_of(seen), Step::copy);
  EXPECT_EQ(reason_of(seen), "NotReady");
}

// A copy must never run beside a stream.
TEST(StreamState, EndsAStreamBeforeItCopiesBySnapshot) {
  for (const bool stream : {true, false})
    for (int bits = 0; bits < 32; ++bits) {
      Seen seen = running();
      if ((bits & 1) != 0) seen.logical = false;
      if ((bits & 2) != 0) seen.role = false;
      if ((bits & 4) != 0) seen.slots.front().active = false;
      if ((bits & 8) != 0) seen.slots.clear();
      if ((bits & 16) != 0) seen.published.reset();
      EXPECT_NE(step_of(seen, {.stream = stream}), Step::copy) << stream << " " << bits;
    }
}

TEST(StreamState, PublishesWhatIsWantedAndEndsASubscriptionOfOtherTables) {
  Seen seen = running();
  seen.wanted.insert("c");
  EXPECT_EQ(step_of(seen), Step::publish);
  seen.published = seen.wanted;
  EXPECT_EQ(step_of(seen), Step::end_subscription);
  seen.subscription.reset();
  EXPECT_EQ(step_of(seen), Step::drop_slots);
}

TEST(StreamState, BeginsAnewWhatBrokeOff) {
  Seen seen = running();
  seen.slots.front().lost = true;
  EXPECT_EQ(reason_of(seen), "SlotLost");
  seen.slots.clear();
  EXPECT_EQ(reason_of(seen), "SlotLost");
  seen = running();
  seen.slots.front().active = false;
  EXPECT_EQ(reason_of(seen), "NotConnected");
  seen = running();
  seen.slots.front().confirmed = 99;
  EXPECT_EQ(reason_of(seen), "Behind");
  seen = running();
  seen.subscription->enabled = false;
  EXPECT_EQ(reason_of(seen), "Stopped");
  seen.subscription->errors = 1;
  EXPECT_EQ(reason_of(seen), "Conflict");
  EXPECT_EQ(step_of(seen), Step::seed);
  seen.subscription->slot = kUnseeded;
  EXPECT_EQ(reason_of(seen), "Starting");
}

TEST(StreamState, LeavesNoSlotThatNobodyFollows) {
  Seen seen = running();
  seen.slots.push_back({.name = "tandem_2"});
  EXPECT_EQ(step_of(seen), Step::drop_slots);
  EXPECT_EQ(seen.left_over(), std::vector<std::string>{"tandem_2"});
}

TEST(StreamState, TakesItAllAwayWhereNoneIsDeclared) {
  const Wanted none;
  Seen seen = running();
  EXPECT_EQ(step_of(seen, none), Step::end_subscription);
  seen.subscription.reset();
  EXPECT_EQ(step_of(seen, none), Step::drop_slots);
  seen.slots.clear();
  EXPECT_EQ(step_of(seen, none), Step::drop_publication);
  seen.published.reset();
  EXPECT_EQ(step_of(seen, none), Step::copy);
  EXPECT_EQ(reason_of(seen, none), "Off");
}

TEST(StreamState, TouchesNothingOfASubscriptionThatIsNotOurs) {
  Seen seen = running();
  seen.subscription->ours = false;
  EXPECT_EQ(step_of(seen), Step::copy);
  EXPECT_EQ(reason_of(seen), "SubscriptionNotOurs");
}

TEST(StreamState, TellsBeforehandWhatIsMadeAndRemoved) {
  using Lines = std::vector<std::string>;
  Seen seen = running();
  EXPECT_EQ(outlook(true, seen), Lines{});
  EXPECT_EQ(outlook(false, seen), (Lines{"the publication tandem would be removed",
                                         "the secondary's subscription tandem would be removed",
                                         "the slot tandem_1 would be removed"}));
  seen.subscription->enabled = false;
  seen.slots.push_back({.name = "tandem_2"});
  EXPECT_EQ(outlook(true, seen), (Lines{"the slot tandem_2 would be removed"}));
  seen.slots.pop_back();
  EXPECT_EQ(outlook(true, seen),
            (Lines{"a new slot would begin, and all be compared: the secondary "
                   "did not let the stream in for a while"}));
  Seen none;
  none.logical = none.role = true;
  none.wanted = {"a", "b"};
  EXPECT_EQ(outlook(true, none), (Lines{"the publication tandem would be made, of 2 tables",
                                        "the secondary's operator would make a subscription"}));
  EXPECT_EQ(outlook(false, none), Lines{});
  none.logical = false;
  EXPECT_EQ(outlook(true, none).size(), 3U) << "and why it can not be had";
  none.published = none.wanted;
  none.foreign_publication = true;
  none.published.reset();
  EXPECT_NE(outlook(true, none).back().find("wal_level"), std::string::npos);
}

}  // namespace
}  // namespace tandem::stream
