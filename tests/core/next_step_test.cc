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
  EXPECT_EQ(next_step(pair, {}), "");
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
