// The parts of the simulated world, each by itself: an oracle is worth what they are.
#include <gtest/gtest.h>

#include "tests/pair_sim/disk.h"
#include "tests/pair_sim/events.h"
#include "tests/pair_sim/host.h"
#include "tests/pair_sim/network.h"
#include "tests/pair_sim/phones.h"

namespace tandem::sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

void run_until(Host& host, Instant until) {
  while (host.next_step() && *host.next_step() <= until) host.step(*host.next_step());
}

TEST(SimulatedPhone, MovesWhenTheTransactionTimesOut) {
  Phone phone(minutes{2}, kBegin);
  phone.replied(Reply::answered, kBegin);
  EXPECT_TRUE(phone.is_registered_at(kA, kBegin + seconds{119}));
  EXPECT_FALSE(phone.is_registered_at(kA, kBegin + minutes{2})) << "it ran out";
  const Instant refresh = phone.next_at();
  while (phone.asks() == kA) phone.replied(Reply::nothing, phone.next_at());
  EXPECT_EQ(phone.next_at() - refresh, kTimerF);
  phone.replied(Reply::answered, phone.next_at());
  EXPECT_EQ(phone.registered(), kB);
}

TEST(SimulatedPhone, AsksTheOtherAtOnceWhereItIsRefused) {
  Phone phone(minutes{2}, kBegin);
  phone.replied(Reply::refused, kBegin);
  EXPECT_EQ(phone.asks(), kB);
  EXPECT_EQ(phone.next_at(), kBegin);
  phone.replied(Reply::refused, kBegin);
  EXPECT_EQ(phone.next_at(), kBegin + kPhonePause) << "but not in a circle without a pause";
}

TEST(SimulatedPhone, ReturnsToThePrimaryByItself) {
  Phone phone(minutes{2}, kBegin);
  phone.replied(Reply::refused, kBegin);
  phone.replied(Reply::answered, kBegin);
  ASSERT_EQ(phone.registered(), kB);
  phone.replied(Reply::nothing, phone.next_at());
  EXPECT_EQ(phone.asks(), kB) << "it stays with whom it has while the primary is away";
  phone.replied(Reply::answered, phone.next_at());
  EXPECT_EQ(phone.asks(), kA);
  phone.replied(Reply::answered, phone.next_at());
  EXPECT_EQ(phone.registered(), kA);
}

TEST(SimulatedNetwork, LosesItsShareAndHealsWhole) {
  Network network(7);
  network.lose(kA, kB, 0.2);
  int arrived = 0;
  for (int i = 0; i < 10'000; ++i) arrived += int{network.passes(kA, kB)};
  EXPECT_NEAR(arrived, 8000, 200);
  EXPECT_TRUE(network.passes(kB, kA)) << "one way only";
  EXPECT_FALSE(network.is_good(kB, kA));
  network.lose(kA, kB, -0.2);
  EXPECT_TRUE(network.is_good(kA, kB));
}

TEST(SimulatedNetwork, ACutOfOneWayBreaksTheRoundTrip) {
  Network network(7);
  network.cut(kB, kA, 1);
  EXPECT_TRUE(network.passes(kA, kB));
  EXPECT_FALSE(network.round_trip(kA, kB));
  EXPECT_TRUE(network.is_good(kA, kWitness));
  network.cut_off(kA, 1);
  network.cut(kB, kA, -1);
  EXPECT_TRUE(network.is_cut(kA, kB)) << "two faults on one link end one by one";
}

TEST(SimulatedHost, BootsIntoServiceUnlessItIsMarked) {
  Host host(seconds{20}, seconds{10}, seconds{40}, false);
  host.power_off();
  EXPECT_FALSE(host.answers_sip());
  host.power_on(kBegin);
  run_until(host, kBegin + seconds{59});
  EXPECT_TRUE(host.answers_sip());
  EXPECT_EQ(host.boot_id(), "boot-2");
  ASSERT_TRUE(host.begin(Command::stop, kBegin + minutes{5}));
  run_until(host, kBegin + minutes{6});
  host.power_off();
  host.power_on(kBegin + minutes{7});
  run_until(host, kBegin + minutes{20});
  EXPECT_TRUE(host.is_up());
  EXPECT_TRUE(host.all_down());
}

TEST(SimulatedHost, ARestartBlocksThePortAndEndsServing) {
  Host host(seconds{20}, seconds{10}, seconds{40}, false);
  ASSERT_TRUE(host.begin(Command::restart, kBegin, seconds{90}));
  EXPECT_FALSE(host.refuses_sip()) << "what is sent is lost";
  EXPECT_FALSE(host.all_down()) << "something will start it";
  EXPECT_EQ(host.trouble(), ServiceTrouble::restarting);
  run_until(host, kBegin + seconds{99});
  EXPECT_FALSE(host.answers_sip());
  run_until(host, kBegin + seconds{110});
  EXPECT_TRUE(host.serves_whole());
}

TEST(SimulatedHost, APartialStartIsNoService) {
  Host host(seconds{20}, seconds{10}, seconds{40}, true);
  host.broken.starts = 1;
  host.begin(Command::start, kBegin);
  run_until(host, kBegin + minutes{1});
  EXPECT_FALSE(host.answers_sip());
  EXPECT_FALSE(host.all_down());
  host.begin(Command::start_parts, kBegin + minutes{1});
  run_until(host, kBegin + minutes{2});
  EXPECT_TRUE(host.serves_whole());
}

TEST(SimulatedDisk, LosesWithThePowerWhatItRefusedToSync) {
  Disk disk;
  ASSERT_TRUE(disk.write("first").ok());
  disk.refusals = 1;
  EXPECT_FALSE(disk.write("second").ok());
  EXPECT_EQ(*disk.read().value(), "second") << "it seems to be there";
  disk.lose_power();
  EXPECT_EQ(*disk.read().value(), "first");
}

TEST(SimulatedEvents, ComeByTimeAndThenAsTheyWerePutIn) {
  EventQueue queue;
  queue.add({.at = kBegin + seconds{2}, .index = 1});
  queue.add({.at = kBegin + seconds{1}, .index = 2});
  queue.add({.at = kBegin + seconds{1}, .index = 3});
  EXPECT_EQ(queue.take().index, 2U);
  EXPECT_EQ(queue.take().index, 3U);
  EXPECT_EQ(queue.take().index, 1U);
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace tandem::sim
