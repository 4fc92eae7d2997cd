// How long a phone may be without telephony, and how often for nothing.
#include "reconciler/failover/bound.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tandem {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

HAPair pair_of(SipPolicy::Preset preset) {
  HAPair pair;
  pair.primary = {"pbx-a", "192.0.2.10", {}};
  pair.secondary = {"pbx-b", "192.0.2.11", {}};
  pair.sip.preset = preset;
  return pair;
}

BoundFigures figures_of(const HAPair& pair) {
  return bound_figures(pair, std::nullopt, std::nullopt);
}

// The figures of the vendor's documentation do not keep its own promise of five minutes.
TEST(Bound, IsMissedByTheDocumentedExpiryAndKeptByTheFastOne) {
  const auto documented = figures_of(pair_of(SipPolicy::Preset::documented));
  EXPECT_EQ(documented.bound(), seconds{332});
  EXPECT_EQ(objective_met(documented).status, Truth::no);
  EXPECT_EQ(objective_met(documented).reason, "ExpiryTooLong");
  EXPECT_NE(objective_met(documented).message.find("preset: fast"), std::string::npos);
  const auto fast = figures_of(pair_of(SipPolicy::Preset::fast));
  EXPECT_EQ(fast.bound(), seconds{272});
  EXPECT_EQ(objective_met(fast).status, Truth::yes);
}

TEST(Bound, CountsTheTakeoverWhereItTakesLongerThanARegistration) {
  HAPair pair = pair_of(SipPolicy::Preset::fast);
  pair.failover.confirm_host_down = minutes{4};
  const auto slow = figures_of(pair);
  EXPECT_EQ(slow.bound(), minutes{4} + kActivationAssumed + seconds{32});
  EXPECT_EQ(objective_met(slow).reason, "TakeoverTooSlow");
  EXPECT_NE(objective_met(slow).message.find("confirmHostDown"), std::string::npos);
  const auto measured = bound_figures(pair, std::nullopt, seconds{100});
  EXPECT_EQ(measured.bound(), minutes{4} + seconds{132}) << "what was measured, not assumed";
}

// Also with a peer link: Asterisk may be down while monit, which could start it again, runs.
TEST(Bound, CountsTheLongerWaitForWhatNobodyKnows) {
  HAPair pair = pair_of(SipPolicy::Preset::fast);
  pair.failover.confirm_service_unknown = minutes{5};
  EXPECT_EQ(figures_of(pair).bound(), minutes{6} + seconds{32});
}

TEST(Bound, TakesAsterisksOwnHourWhereNothingIsManaged) {
  HAPair pair = pair_of(SipPolicy::Preset::fast);
  pair.sip.managed = false;
  EXPECT_EQ(figures_of(pair).bound(), seconds{3632});
}

// A phone that registered before keeps its old time.
TEST(Bound, CountsAnOldExpiryUntilItHasElapsed) {
  ExpiryInForce expiry;
  const Instant now{std::chrono::hours{100}};
  EXPECT_EQ(expiry.longest(now), std::nullopt);
  expiry.observed(seconds{3600}, now);
  expiry.observed(seconds{240}, now + seconds{10});
  EXPECT_EQ(expiry.longest(now + seconds{60}), seconds{3600});
  EXPECT_EQ(expiry.longest(now + seconds{3609}), seconds{3600});
  EXPECT_EQ(expiry.longest(now + seconds{3611}), seconds{240});
  expiry.observed(seconds{300}, now + seconds{4000});
  EXPECT_EQ(expiry.longest(now + seconds{4000}), seconds{300}) << "a longer one counts at once";
}

TEST(Bound, ExpectsMoreFalseTakeoversOfAWorseNetworkAndAShorterWait) {
  Failover failover;
  failover.confirm_host_down = seconds{3};
  const double good = false_takeovers_a_day(failover, 1, false, 0.01);
  const double bad = false_takeovers_a_day(failover, 1, false, 0.20);
  EXPECT_LT(good, bad);
  EXPECT_GT(bad, 100.0);
  // 86400 pings a day; 3 pings and 1 question of 2 datagrams lost: 0.36^5.
  EXPECT_NEAR(bad, 86400 * 0.64 * std::pow(0.36, 5), 1e-6);
  EXPECT_LT(false_takeovers_a_day(failover, 2, false, 0.20), bad) << "a second path";
  EXPECT_LT(false_takeovers_a_day(Failover{}, 1, true, 0.20), 1e-9) << "the defaults";
}

// An old one goes by itself: nobody is to edit what is right already.
TEST(Bound, SaysUntilWhenAnOldExpiryCounts) {
  ExpiryInForce expiry;
  const Instant now{std::chrono::hours{100}};
  expiry.observed(seconds{3600}, now);
  EXPECT_EQ(expiry.old_until(now), std::nullopt) << "it is the current one";
  expiry.observed(seconds{240}, now + seconds{10});
  EXPECT_EQ(expiry.old_until(now + seconds{60}), now + seconds{3610});
  EXPECT_EQ(expiry.old_until(now + seconds{4000}), std::nullopt);

  auto figures = bound_figures(pair_of(SipPolicy::Preset::fast), seconds{3600}, std::nullopt);
  figures.elapses = {WallTime{seconds{1'800'000'000}}, seconds{240}};  // 08:00 UTC
  const auto told = objective_met(figures);
  EXPECT_EQ(told.reason, "ExpiryTooLong");
  EXPECT_NE(told.message.find("in force until 08:00 UTC; nothing to do"), std::string::npos)
      << told.message;
  EXPECT_EQ(told.message.find("preset"), std::string::npos) << told.message;
}

TEST(Bound, AdvisesOnlyWhatIsNotDeclaredYet) {
  const auto advice = [](const HAPair& pair, std::optional<Duration> in_force) {
    return objective_met(bound_figures(pair, in_force, std::nullopt)).message;
  };
  EXPECT_NE(advice(pair_of(SipPolicy::Preset::fast), seconds{3600}).find("not in force yet"),
            std::string::npos);
  HAPair pair = pair_of(SipPolicy::Preset::fast);
  pair.objectives.max_downtime = seconds{60};
  EXPECT_NE(advice(pair, std::nullopt).find("shorten spec.sip.expiry"), std::string::npos);
  pair.sip.managed = false;
  EXPECT_NE(advice(pair, std::nullopt).find("policy: managed"), std::string::npos);
}

// No bound of Tandem's where it is not Tandem that acts.
TEST(Bound, IsTheVendorsWhereItsDetectorActs) {
  HAPair pair = pair_of(SipPolicy::Preset::fast);
  pair.failover.owner = Owner::vendor;
  pair.failover.confirm_host_down = minutes{20};
  const auto figures = figures_of(pair);
  EXPECT_EQ(figures.actor, Actor::vendor);
  EXPECT_EQ(figures.confirm, seconds{88}) << "not what Tandem would wait for";
  const auto told = objective_met(figures);
  EXPECT_EQ(told.reason, "WithinObjectiveIfHostDies");
  EXPECT_NE(told.message.find("31 to 88 s"), std::string::npos) << told.message;
  EXPECT_NE(told.message.find("if only its Asterisk dies, nobody takes over"), std::string::npos);
}

TEST(Bound, IsNoneWhereNobodyActs) {
  for (const auto mode : {Failover::Mode::advise, Failover::Mode::manual}) {
    HAPair pair = pair_of(SipPolicy::Preset::fast);
    pair.failover.mode = mode;
    const auto figures = figures_of(pair);
    EXPECT_EQ(figures.bound(), std::nullopt);
    const auto told = objective_met(figures);
    EXPECT_EQ(told.reason, "NobodyActs");
    EXPECT_EQ(told.status, Truth::no);
    EXPECT_EQ(told.message.find("at most"), std::string::npos) << told.message;
    pair.failover.owner = Owner::vendor;
    EXPECT_EQ(figures_of(pair).actor, Actor::vendor) << "the mode is Tandem's";
  }
}

TEST(Bound, TheOutlookSaysWhatTandemWouldDoWhereItDoesNot) {
  HAPair now = pair_of(SipPolicy::Preset::fast);
  now.failover.owner = Owner::vendor;
  const auto lines = failover_outlook(&now, now, true, seconds{10});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[1].starts_with("with owner tandem and mode automatic:")) << lines[1];
  EXPECT_NE(lines[1].find("activation (10s, measured)"), std::string::npos) << lines[1];
  EXPECT_NE(lines[1].find("under 0.001 at 1 %"), std::string::npos) << lines[1];
  HAPair then = now;
  then.failover.owner = Owner::tandem;
  EXPECT_NE(failover_outlook(&now, then, true)[0].find("in force: if the primary's host dies"),
            std::string::npos);
}

TEST(Bound, SaysWhatAnEditWouldChange) {
  const HAPair now = pair_of(SipPolicy::Preset::documented);
  const HAPair then = pair_of(SipPolicy::Preset::fast);
  const auto lines = failover_outlook(&now, then, true);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_NE(lines[2].find("assumed"), std::string::npos) << lines[2];
  EXPECT_NE(lines[0].find("at most 4m32s"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("in force it is 5m32s"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("under 0.001 at 20 %"), std::string::npos) << lines[1];
  EXPECT_EQ(failover_outlook(&now, now, true)[0].find("in force it is"), std::string::npos);
}

class KeptExpiryTest : public testing::Test {
 protected:
  // The hour was lowered to five minutes at kBegin.
  KeptExpiryTest() {
    before.observed(minutes{60}, kBegin - minutes{1});
    before.observed(minutes{5}, kBegin);
  }
  std::optional<Duration> longest(Instant when) const { return after.longest(when); }

  static constexpr Instant kBegin{std::chrono::hours{50}};
  ExpiryInForce before, after;
};

TEST_F(KeptExpiryTest, CountsAnOldExpiryOverARestart) {
  after.take_up(before.kept(), kBegin + minutes{20}, true);
  EXPECT_EQ(longest(kBegin + minutes{20}), minutes{60});
  after.observed(minutes{5}, kBegin + minutes{21});
  EXPECT_EQ(longest(kBegin + minutes{59}), minutes{60});
  EXPECT_EQ(longest(kBegin + minutes{60}), minutes{5}) << "as without the restart";
}

TEST_F(KeptExpiryTest, CountsItWhollyOnceMoreAfterABoot) {
  const Instant booted{seconds{30}};
  after.take_up(before.kept(), booted, false);
  EXPECT_EQ(longest(booted + minutes{59}), minutes{60});
  EXPECT_EQ(longest(booted + minutes{60}), minutes{5});
}

TEST_F(KeptExpiryTest, NoticesALoweringWhileNobodyLooked) {
  ExpiryInForce hour;
  hour.observed(minutes{60}, kBegin);
  after.take_up(hour.kept(), kBegin + minutes{10}, true);
  after.observed(minutes{5}, kBegin + minutes{10});
  EXPECT_EQ(longest(kBegin + minutes{69}), minutes{60});
}

}  // namespace
}  // namespace tandem
