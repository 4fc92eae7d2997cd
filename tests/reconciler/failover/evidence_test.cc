// From samples to a verdict: the table of evidence, row by row, and what lasts.
#include "reconciler/failover/evidence.h"

#include <gtest/gtest.h>

#include <random>

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using enum PrimaryVerdict;

constexpr WallTime kWall{seconds{1'700'000'000}};

class EvidenceTest : public testing::Test {
 protected:
  // Everything is heard as it is now, second after second, and weighed each time.
  const Weighed& listen(int for_seconds) {
    const Weighed* heard = &hearing.weigh(failover, now, wall);
    for (int second = 0; second < for_seconds; ++second) {
      now += seconds{1};
      wall += seconds{1};
      hearing.turned(now);
      for (const auto& [path, what] : paths) hearing.icmp(path, sample(what));
      hearing.sip(sample(sip, poor));
      if (has_link) hearing.peer(sample(peer), peer == Heard::answers ? word : std::nullopt);
      for (const auto& [target, what] : witnesses) hearing.witness(target, sample(what));
      hearing.own_sip(sample(own));
      heard = &hearing.weigh(failover, now, wall);
    }
    return *heard;
  }
  Sample sample(Heard heard, bool is_poor = false) const {
    return {heard, is_poor, now, heard == Heard::silent ? took : milliseconds{5}, ""};
  }
  void host(Heard what) {
    for (auto& [path, heard] : paths) heard = what;
    peer = what;
  }
  void witness(Heard what) {
    for (auto& [target, heard] : witnesses) heard = what;
  }

  Failover failover;
  Hearing hearing;
  Instant now{std::chrono::hours{1000}};
  WallTime wall = kWall;
  std::map<std::string, Heard> paths{{"main", Heard::answers}, {"mgmt", Heard::answers}};
  std::map<std::string, Heard> witnesses{{"192.0.2.1", Heard::answers}};
  Heard sip = Heard::answers, peer = Heard::answers, own = Heard::silent;
  bool poor = false, has_link = true;
  milliseconds took{0};  // until a silent attempt is given up
  std::optional<PeerWord> word = PeerWord{};
};

TEST_F(EvidenceTest, HasNoVerdictBeforeAnythingWasHeard) { EXPECT_EQ(listen(0).verdict, unknown); }

TEST_F(EvidenceTest, AnAnswerOfSipIsServingWhateverElseIsSilent) {
  host(Heard::silent);
  witness(Heard::silent);
  EXPECT_EQ(listen(30).verdict, serving) << "ping may be filtered";
}

TEST_F(EvidenceTest, ASilenceBeginsWithItsFirstQuestionNotWithGivingUp) {
  listen(30);
  const Instant asked = now;
  host(Heard::silent);
  sip = Heard::silent;
  took = seconds{5};
  now += seconds{4};
  EXPECT_EQ(listen(1).verdict, host_down);
  EXPECT_EQ(hearing.weighed().host_down_since, asked);
  EXPECT_EQ(hearing.weighed().service_down_since, asked);
  listen(3);
  EXPECT_EQ(hearing.weighed().host_down_since, asked) << "later questions move nothing";
}

TEST_F(EvidenceTest, TheTargetThatFellSilentLastBeginsTheSilence) {
  listen(30);
  host(Heard::silent);
  const Instant asked = now + seconds{8};
  listen(8);
  sip = Heard::silent;
  took = seconds{1};
  EXPECT_EQ(listen(1).verdict, host_down);
  EXPECT_EQ(hearing.weighed().host_down_since, asked);
}

TEST_F(EvidenceTest, ASilenceBehindOurOwnCutBeginsAfterIt) {
  listen(30);
  host(Heard::silent);
  sip = Heard::silent;
  took = seconds{5};
  hearing.link(OwnLink::no_carrier);
  EXPECT_EQ(listen(20).verdict, isolated);
  const Instant healed = now;
  hearing.link(OwnLink::good);
  EXPECT_EQ(listen(2).verdict, host_down);
  EXPECT_EQ(hearing.weighed().host_down_since, healed);
  EXPECT_GE(*hearing.weighed().service_down_since, healed);
}

TEST_F(EvidenceTest, SipThatAnswersThereAndNotHereIsABrokenPath) {
  sip = Heard::silent;
  word->sip = OwnSip::answers;
  const Weighed& heard = listen(60);
  EXPECT_EQ(heard.verdict, serving);
  EXPECT_TRUE(heard.sip_path_broken);
  EXPECT_FALSE(heard.answering_since) << "no failback on another's word";
  EXPECT_FALSE(heard.service_down_since);
}

TEST_F(EvidenceTest, SilentSipOnAHostThatAnswersIsServiceDown) {
  sip = Heard::silent;
  for (const OwnSip own_word : {OwnSip::silent, OwnSip::unknown}) {
    word->sip = own_word;
    EXPECT_EQ(listen(5).verdict, service_down);
  }
  has_link = false;
  EXPECT_EQ(listen(10).verdict, service_down) << "the middle status that the vendor has not";
}

TEST_F(EvidenceTest, SilenceOnEveryPathIsHostDownWhereAWitnessAnswersOrNoneIsUsable) {
  listen(5);
  host(Heard::silent);
  sip = Heard::silent;
  EXPECT_EQ(listen(10).verdict, host_down);
  EXPECT_TRUE(hearing.weighed().witness_usable);
  paths["mgmt"] = Heard::answers;
  EXPECT_EQ(listen(1).verdict, service_down) << "one path is enough";

  Hearing alone;
  hearing = alone;
  witnesses.clear();
  paths["mgmt"] = Heard::silent;
  EXPECT_EQ(listen(10).verdict, host_down);
  EXPECT_FALSE(hearing.weighed().witness_usable);
}

TEST_F(EvidenceTest, SilenceOfTheWitnessesTooIsOurOwn) {
  listen(5);
  host(Heard::silent);
  sip = Heard::silent;
  witness(Heard::silent);
  EXPECT_EQ(listen(10).verdict, isolated);
  EXPECT_FALSE(hearing.weighed().host_down_since);
  EXPECT_FALSE(hearing.weighed().service_down_since);
}

TEST_F(EvidenceTest, OneLostPacketOfAWitnessUndoesNothing) {
  listen(5);
  host(Heard::silent);
  sip = Heard::silent;
  listen(10);
  witness(Heard::silent);
  EXPECT_EQ(listen(3).verdict, host_down);
  witness(Heard::answers);
  listen(1);
  EXPECT_GE(now - *hearing.weighed().host_down_since, seconds{13});
}

// It would keep the telephones dead for ever.
TEST_F(EvidenceTest, AWitnessThatWasSilentBeforeIsAsIfNotDeclared) {
  witness(Heard::silent);
  listen(120);
  host(Heard::silent);
  sip = Heard::silent;
  EXPECT_EQ(listen(10).verdict, host_down);

  hearing = Hearing{};
  host(Heard::answers);
  sip = Heard::answers;
  witness(Heard::answers);
  listen(10);
  witness(Heard::silent);
  listen(45);
  host(Heard::silent);
  sip = Heard::silent;
  EXPECT_EQ(listen(10).verdict, isolated) << "it answered 45 s before the silence";
}

TEST_F(EvidenceTest, APulledCableIsIsolatedWhateverElse) {
  for (const OwnLink cut : {OwnLink::no_carrier, OwnLink::no_address, OwnLink::no_route}) {
    hearing.link(cut);
    EXPECT_EQ(listen(1).verdict, isolated);
  }
  hearing.link(OwnLink::good);
  EXPECT_EQ(listen(1).verdict, serving);
}

// "I could not ask" is no evidence.
TEST_F(EvidenceTest, WhatCouldNotBeAskedIsNeverDown) {
  host(Heard::unknown);
  sip = Heard::unknown;
  EXPECT_EQ(listen(300).verdict, unknown);
  sip = Heard::silent;
  EXPECT_EQ(listen(10).verdict, service_down) << "whether the host is there is not known";
}

TEST_F(EvidenceTest, ASampleOlderThanThreePeriodsTellsNothing) {
  listen(5);
  now += seconds{4};
  EXPECT_EQ(hearing.weigh(failover, now, kWall).verdict, serving) << "SIP is asked each 2 s";
  now += seconds{3};
  EXPECT_EQ(hearing.weigh(failover, now, kWall).verdict, unknown);
}

TEST_F(EvidenceTest, ConfirmationOfTheServiceRunsThroughASilentHost) {
  listen(5);
  sip = Heard::silent;
  listen(20);
  host(Heard::silent);
  listen(3);
  host(Heard::answers);
  const Weighed& heard = listen(20);
  EXPECT_EQ(heard.verdict, service_down);
  EXPECT_GE(now - *heard.service_down_since, seconds{40});
  EXPECT_FALSE(heard.host_down_since);
}

TEST_F(EvidenceTest, AnyAnswerEndsAConfirmation) {
  sip = Heard::silent;
  host(Heard::silent);
  listen(19);
  sip = Heard::answers;
  listen(1);
  sip = Heard::silent;
  EXPECT_LE(now - *listen(5).host_down_since, seconds{4});
}

TEST_F(EvidenceTest, LateAnswersAndRefusalsForTheWholeTimeAreSilence) {
  word->trouble = ServiceTrouble::failed;
  listen(5);
  poor = true;
  EXPECT_EQ(listen(28).verdict, serving);
  EXPECT_EQ(listen(5).verdict, service_down);
  EXPECT_GE(now - *hearing.weighed().service_down_since, failover.confirm_service_failed);
  poor = false;
  EXPECT_EQ(listen(1).verdict, serving);
  poor = true;
  EXPECT_EQ(listen(20).verdict, serving) << "one good answer starts it anew";
}

TEST_F(EvidenceTest, AStallVoidsWhatWasGatheredAroundIt) {
  listen(5);
  host(Heard::silent);
  sip = Heard::silent;
  listen(15);
  const Instant asked = now;
  now += seconds{6};
  EXPECT_TRUE(hearing.turned(now));
  // A question from before, given up after it: we did not listen.
  hearing.sip({Heard::silent, false, now, now - asked, ""});
  EXPECT_EQ(hearing.weigh(failover, now, kWall).verdict, unknown);
  EXPECT_LE(now - *listen(3).host_down_since, seconds{2});
  now += seconds{4};
  EXPECT_FALSE(hearing.turned(now)) << "a pause of 4 s is none";
}

TEST_F(EvidenceTest, CountsAnswersInARow) {
  EXPECT_EQ(listen(2).serving_in_a_row, 2);
  EXPECT_EQ(hearing.weigh(failover, now, kWall).serving_in_a_row, 2) << "each answer once";
  sip = Heard::silent;
  EXPECT_EQ(listen(1).serving_in_a_row, 0);
}

TEST_F(EvidenceTest, APrimaryInMaintenanceIsNeverServing) {
  word->maintenance = Maintenance{"new disk", kWall + seconds{600}, true, false};
  EXPECT_EQ(listen(5).verdict, PrimaryVerdict::maintenance);
  host(Heard::silent);
  sip = Heard::silent;
  EXPECT_EQ(listen(5).verdict, PrimaryVerdict::maintenance) << "its host is down, as announced";
  wall += std::chrono::hours{1};
  EXPECT_EQ(listen(5).verdict, PrimaryVerdict::maintenance) << "a clock that jumps ends nothing";
  EXPECT_EQ(listen(600).verdict, host_down) << "its time is over";
}

TEST_F(EvidenceTest, TellsOwnSilenceSinceItsFirstSample) {
  EXPECT_TRUE(listen(20).own_sip_silent_since);
  EXPECT_GE(now - *hearing.weighed().own_sip_silent_since, seconds{15});
  own = Heard::unknown;
  EXPECT_FALSE(listen(1).own_sip_silent_since);
}

// Whatever comes in whatever order: what lasts belongs to the verdict that it is told with.
TEST_F(EvidenceTest, StaysConsistentUnderAnySamples) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 dice(seed);
    const auto any = [&] { return static_cast<Heard>(dice() % 3); };
    hearing = Hearing{};
    for (int second = 0; second < 200; ++second) {
      if (dice() % 5 == 0) sip = any();
      if (dice() % 5 == 0) host(any());
      if (dice() % 9 == 0) witness(any());
      poor = dice() % 7 == 0;
      if (dice() % 40 == 0) now += seconds{dice() % 12};
      const Weighed& heard = listen(1);
      ASSERT_EQ(heard.host_down_since.has_value(), heard.verdict == host_down);
      if (heard.verdict == serving || heard.verdict == isolated) {
        ASSERT_FALSE(heard.service_down_since);
      }
      if (heard.answering_since) {
        ASSERT_EQ(heard.verdict, serving);
      }
      if (heard.verdict == host_down) {
        ASSERT_EQ(sip, Heard::silent);
      }
    }
  }
}

}  // namespace
}  // namespace tandem
