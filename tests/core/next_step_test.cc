#include "core/next_step.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

// As `tandem import` declares a node whose expiry nobody has ever set.
HAPair adopted() {
  using std::chrono::minutes;
  HAPair pair;
  pair.changes_allow = Reach::none;
  pair.sip.expiry = SipExpiry{minutes{1}, minutes{60}, minutes{2}};
  pair.postgres_method = HAPair::PostgresMethod::trust;
  pair.failover.owner = Owner::vendor;
  pair.failover.mode = Failover::Mode::advise;
  return pair;
}

void expect_next(const HAPair& pair, const char* start, NextFacts facts = {}) {
  const std::string next = next_step(pair, facts);
  EXPECT_TRUE(next.starts_with(start)) << next;
}

TEST(NextStep, LeadsFromAdoptionToAllThatThisReleaseDoes) {
  HAPair pair = adopted();
  expect_next(pair, "changes.allow is none: set it to file");
  pair.changes_allow = Reach::file;
  expect_next(pair, "changes.allow is file: set it to reload");
  pair.changes_allow = Reach::reload;
  expect_next(pair, "the SIP expiry and objectives.phoneSwitch");
  pair.sip.expiry.reset();
  expect_next(pair, "the SIP expiry and objectives.phoneSwitch");  // 300 s and 32 s are over 5 min
  pair.sip.preset = SipPolicy::Preset::fast;
  expect_next(pair, "postgresAccess.method is trust");
  pair.postgres_method = HAPair::PostgresMethod::scram;
  expect_next(pair, "failover.owner is vendor");
  pair.failover.owner = Owner::tandem;
  expect_next(pair, "failover.mode is not automatic");
  pair.failover.mode = Failover::Mode::automatic;
  EXPECT_EQ(next_step(pair, {}), "");
}

TEST(NextStep, HandsFailoverOverLastSinceItRestsOnAllTheOthers) {
  HAPair pair = adopted();
  pair.changes_allow = Reach::reload;
  pair.sip = SipPolicy{true, SipPolicy::Preset::fast, std::nullopt};
  expect_next(pair, "postgresAccess.method is trust");
}

TEST(NextStep, TellsThatNobodyTakesOverWhereTheModeOnlyAdvises) {
  HAPair pair;
  pair.sip.preset = SipPolicy::Preset::fast;
  for (const auto mode : {Failover::Mode::advise, Failover::Mode::manual}) {
    pair.failover.mode = mode;
    expect_next(pair, "failover.mode is not automatic: nobody takes over by itself");
  }
}

TEST(NextStep, SendsToThePlanFirstWhereThereIsDrift) {
  expect_next(adopted(), "changes.allow is none: look at `tandem plan`", {.drift = true});
}

TEST(NextStep, PutsWhatKeepsEverythingElseBackFirst) {
  expect_next(adopted(), "mend pair.yaml", {.refused = true, .waits = true});
  expect_next(adopted(), "look at `tandem plan`, then run: tandem apply --structural",
              {.waits = true});
  HAPair pair = adopted();
  pair.suspend = Suspension{"upgrade", {}};
  expect_next(pair, "spec.suspend is set");
}

TEST(NextStep, ManagesAnExpiryThatImportCouldNotRead) {
  HAPair pair = adopted();
  pair.changes_allow = Reach::file;
  pair.sip = SipPolicy{false, SipPolicy::Preset::documented, std::nullopt};
  expect_next(pair, "sip.policy is unmanaged");
}

TEST(NextStep, HasNothingToRaiseWhereHighAvailabilityIsOff) {
  HAPair pair = adopted();
  pair.enabled = false;
  EXPECT_EQ(next_step(pair, {}), "");
}

}  // namespace
}  // namespace tandem
