#include "resources/sip_expiry.h"

#include <gtest/gtest.h>

#include "reconciler/reconcile.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;
using fakes::Json;
using fakes::Pairs;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

constexpr const char* kState = "/var/lib/tandem/unconfirmed";
constexpr const char* kA = "aaaaaaaa-0000-4000-8000-000000000001";
constexpr const char* kB = "bbbbbbbb-0000-4000-8000-000000000002";

Lines lines(const std::vector<Change>& changes) {
  Lines all;
  for (const Change& c : changes) all.push_back(c.field + ": " + c.from + " -> " + c.to);
  return all;
}

// The vendor's own pairs with these expirations.
Pairs aor(const char* minimum, const char* maximum, const char* initial) {
  Pairs pairs = FakeVendor::default_aor();
  for (auto& [key, value] : pairs) {
    if (key == "minimum_expiration") value = minimum;
    if (key == "maximum_expiration") value = maximum;
    if (key == "default_expiration") value = initial;
  }
  return pairs;
}

class SipExpiryTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  SipExpiryTest() {
    vendor.templates[kA] = {FakeVendor::kMaster, "global", FakeVendor::default_aor()};
    goal_.role = Role::primary;
    want(seconds{180}, seconds{300}, seconds{240});
  }

  void want(Duration minimum, Duration maximum, Duration initial) {
    goal_.sip_expiry = SipExpiry{minimum, maximum, initial};
  }
  Report pass() { return run(reconcile(expiry_, goal_, Permission::up_to(Reach::reload))); }
  Report look() { return run(reconcile(expiry_, goal_, Permission::observe_only("suspended"))); }
  bool holds(const std::string& uuid, const Pairs& pairs) {
    return same_pairs(vendor.templates[uuid].aor, pairs);
  }
  // Lets a PUT through to the vendor, and loses its answer.
  void lose_answers_of_puts() {
    const auto real = http.routes;
    http.on("PUT", FakeVendor::kConfd, [real](const HttpRequest& request) -> Result<HttpResponse> {
      for (const auto& route : real)
        if (request.url.starts_with(route.url_prefix)) (void)route.answer(request);
      return Error{Fault::timed_out, "too slow"};
    });
  }

  fakes::MemoryFilesystem disk_;
  Unconfirmed unconfirmed_{disk_, kState};
  RegistrationExpiry expiry_{confd, unconfirmed_};
  Goal goal_;
};

TEST_F(SipExpiryTest, SetsTheExpiryOfEachTenantAndKeepsAllOtherOptions) {
  vendor.templates[kB] = {"tenant-b", "global", aor("180", "3600", "240")};
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::repaired);
  const std::string master = FakeVendor::kMaster;
  EXPECT_EQ(lines(report.done), (Lines{
                                    master + "/global.default_expiration: 120 -> 240",
                                    master + "/global.maximum_expiration: 3600 -> 300",
                                    master + "/global.minimum_expiration: 60 -> 180",
                                    "tenant-b/global.maximum_expiration: 3600 -> 300",
                                }));
  EXPECT_TRUE(holds(kA, aor("180", "300", "240")));
  EXPECT_TRUE(holds(kB, aor("180", "300", "240")));
}

TEST_F(SipExpiryTest, HasNothingToDoTheSecondTimeHoweverThePairsAreShuffled) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  const auto writes = vendor.writes().size();
  for (int look = 0; look < 20; ++look) EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(vendor.writes().size(), writes);
}

TEST_F(SipExpiryTest, SaysWhyAndWhatItDisturbs) {
  const Report report = look();
  ASSERT_EQ(report.drift.size(), 3u);
  EXPECT_EQ(report.drift[0].reach, Reach::reload);
  EXPECT_NE(report.drift[0].why.find("180/300/240 s"), std::string::npos);
  EXPECT_NE(report.drift[0].disturbs.find("existing registrations keep their old expiry"),
            std::string::npos);
  EXPECT_TRUE(vendor.writes().empty());
  EXPECT_TRUE(disk_.journal.empty());
}

TEST_F(SipExpiryTest, GoesBackToTheVendorsValuesWhenOff) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  goal_.role = Role::secondary;  // serving after a takeover
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  goal_.role = Role::off;
  want(seconds{60}, seconds{3600}, seconds{120});
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(holds(kA, FakeVendor::default_aor()));
}

TEST_F(SipExpiryTest, LooksAtNothingThatIsNotManaged) {
  goal_.sip_expiry = std::nullopt;
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_TRUE(pass().conditions.empty());
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(SipExpiryTest, CollapsesADuplicateOption) {
  vendor.templates[kA].aor = aor("180", "300", "240");
  vendor.templates[kA].aor.emplace_back("maximum_expiration", "3600");
  EXPECT_EQ(lines(look().drift), Lines{std::string(FakeVendor::kMaster) +
                                       "/global.maximum_expiration: 300, 3600 -> 300"});
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(holds(kA, aor("180", "300", "240")));
}

TEST_F(SipExpiryTest, RepairsGarbageAndWhatIsAbsent) {
  vendor.templates[kA].aor = {
      {"maximum_expiration", "abc"}, {"minimum_expiration", "180"}, {"mailboxes", ""}};
  const std::string global = std::string(FakeVendor::kMaster) + "/global.";
  EXPECT_EQ(lines(look().drift), (Lines{global + "default_expiration: absent -> 240",
                                        global + "maximum_expiration: 'abc' -> 300"}));
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(holds(kA, {{"maximum_expiration", "300"},
                         {"minimum_expiration", "180"},
                         {"default_expiration", "240"},
                         {"mailboxes", ""}}));
}

TEST_F(SipExpiryTest, KeepsWhatSomebodyAddedSinceTheLook) {
  const auto seen = run(expiry_.observe(goal_));
  const auto steps = RegistrationExpiry::diff(RegistrationExpiry::desired(goal_), seen.value());
  vendor.templates[kA].aor.emplace_back("qualify_timeout", "3.0");
  ASSERT_TRUE(run(expiry_.apply(steps.at(0))).ok());
  Pairs expected = aor("180", "300", "240");
  expected.emplace_back("qualify_timeout", "3.0");
  EXPECT_TRUE(holds(kA, expected));
}

TEST_F(SipExpiryTest, DoesNoHarmWhenApplyIsRepeated) {
  const auto seen = run(expiry_.observe(goal_));
  const auto steps = RegistrationExpiry::diff(RegistrationExpiry::desired(goal_), seen.value());
  ASSERT_TRUE(run(expiry_.apply(steps.at(0))).ok());
  ASSERT_TRUE(run(expiry_.apply(steps.at(0))).ok());
  EXPECT_EQ(vendor.writes().size(), 1u);
}

TEST_F(SipExpiryTest, TellsTwoGlobalTemplatesOfOneTenantApart) {
  vendor.templates[kB] = vendor.templates[kA];
  const auto drift = lines(look().drift);
  ASSERT_EQ(drift.size(), 6u);
  EXPECT_NE(drift[0].find(std::string("global(") + kA + ")."), std::string::npos) << drift[0];
  EXPECT_NE(drift[3].find(std::string("global(") + kB + ")."), std::string::npos) << drift[3];
}

TEST_F(SipExpiryTest, RoundsToWholeSeconds) {
  want(Duration{180'500}, seconds{300}, seconds{240});
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_TRUE(holds(kA, aor("180", "300", "240")));
}

TEST_F(SipExpiryTest, SendsACommittedChangeAgainUntilItIsCleanlyAnswered) {
  vendor.sysconfd_up = false;
  EXPECT_EQ(pass().outcome, Outcome::failed);
  EXPECT_TRUE(holds(kA, aor("180", "300", "240"))) << "committed";
  EXPECT_EQ(vendor.reloads, 0) << "but Asterisk knows nothing of it";

  EXPECT_EQ(lines(look().drift),
            Lines{std::string(FakeVendor::kMaster) + "/global: sent, not confirmed -> confirmed"});
  EXPECT_EQ(pass().outcome, Outcome::failed);
  vendor.sysconfd_up = true;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(vendor.reloads, 1);
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(vendor.reloads, 1);
}

TEST_F(SipExpiryTest, RemembersTheDoubtAcrossARestartOfTheOperator) {
  vendor.sysconfd_up = false;
  (void)pass();
  vendor.sysconfd_up = true;
  Unconfirmed after_a_restart(disk_, kState);
  RegistrationExpiry expiry(confd, after_a_restart);
  const Report report = run(reconcile(expiry, goal_, Permission::up_to(Reach::reload)));
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(vendor.reloads, 1);
  EXPECT_FALSE(disk_.files.contains(kState));
}

TEST_F(SipExpiryTest, TakesALostAnswerForADoubtToo) {
  lose_answers_of_puts();
  EXPECT_EQ(pass().outcome, Outcome::failed);
  EXPECT_TRUE(holds(kA, aor("180", "300", "240")));
  http.routes.pop_back();
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
}

TEST_F(SipExpiryTest, WritesTheDoubtDownBeforeItSends) {
  disk_.changes_left = 0;
  EXPECT_EQ(pass().outcome, Outcome::failed);
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(SipExpiryTest, HasNoDoubtWhenTheWriteWasRefused) {
  vendor.acl = {"auth.tenants.read", "confd.configuration.live_reload.read",
                "confd.endpoints.sip.templates.read", "confd.endpoints.sip.templates.*.read"};
  EXPECT_EQ(pass().error->fault, Fault::denied);
  EXPECT_EQ(unconfirmed_.names().value(), std::set<std::string>{});
}

TEST_F(SipExpiryTest, KeepsAnEarlierDoubtWhenALaterWriteIsRefused) {
  vendor.sysconfd_up = false;
  (void)pass();
  vendor.acl = {"auth.tenants.read", "confd.endpoints.sip.templates.read",
                "confd.endpoints.sip.templates.*.read"};
  (void)pass();
  EXPECT_EQ(unconfirmed_.names().value().size(), 1u);
}

TEST_F(SipExpiryTest, ForgetsATemplateThatHasGone) {
  const auto seen = run(expiry_.observe(goal_));
  const auto steps = RegistrationExpiry::diff(RegistrationExpiry::desired(goal_), seen.value());
  vendor.templates.clear();
  EXPECT_TRUE(run(expiry_.apply(steps.at(0))).ok());
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(SipExpiryTest, TriesTheOtherTenantsWhenOneFails) {
  vendor.templates[kB] = {"tenant-b", "global", FakeVendor::default_aor()};
  http.on("PUT", std::string(FakeVendor::kConfd) + "/endpoints/sip/templates/" + kA,
          Error{Fault::connection_cut, "cut"});
  EXPECT_EQ(pass().outcome, Outcome::failed);
  EXPECT_TRUE(holds(kB, aor("180", "300", "240")));
}

TEST_F(SipExpiryTest, NeverActsOnAShortList) {
  vendor.templates[kB] = {"tenant-b", "global", FakeVendor::default_aor()};
  vendor.hidden_items = 1;
  EXPECT_EQ(pass().error->fault, Fault::unavailable);
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(SipExpiryTest, SurvivesATokenThatVanishesAndABurstOf503) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  vendor.tokens.clear();
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  vendor.busy = 3;
  EXPECT_EQ(pass().error->fault, Fault::unavailable);
  vendor.busy = 0;
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
}

TEST_F(SipExpiryTest, UsesTheGeneralOptionsOfAVersionBeforeTemplates) {
  vendor.has_templates = false;
  vendor.sip_general = Json::parse(R"({"options": {"minexpiry": "60", "bindport": "5060"},
    "ordered_options": [["register", "x"], ["maxexpiry", "3600"], ["maxexpiry", "300"]]})");
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(lines(report.done),
            (Lines{"general.defaultexpiry: absent -> 240", "general.maxexpiry: 300, 3600 -> 300",
                   "general.minexpiry: 60 -> 180"}));
  EXPECT_EQ(*vendor.sip_general, Json::parse(R"({"options": {"minexpiry": "180", "maxexpiry": "300",
    "defaultexpiry": "240", "bindport": "5060"}, "ordered_options": [["register", "x"]]})"));
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
}

TEST_F(SipExpiryTest, ExplainsAVersionThatKeepsTheExpiryElsewhere) {
  vendor.has_templates = false;
  const Report report = pass();
  EXPECT_EQ(report.error->fault, Fault::invalid);
  EXPECT_NE(report.error->message.find("spec.sip.policy: unmanaged"), std::string::npos);
}

TEST_F(SipExpiryTest, IsDeferredWhileStandingBy) {
  goal_.role = Role::secondary;
  goal_.standing_by = true;
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::deferred);
  EXPECT_NE(report.note.find("the primary's copy"), std::string::npos);
  EXPECT_TRUE(report.conditions.empty());
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(SipExpiryTest, NamesTheCommandThatMakesAFormerSecondaryStandAlone) {
  goal_.role = Role::off;
  goal_.standing_by = true;
  EXPECT_NE(pass().note.find("/usr/sbin/xivo-manage-slave-services start"), std::string::npos);
}

TEST_F(SipExpiryTest, SaysWhenAsteriskMustBeReloadedByHand) {
  EXPECT_EQ(look().conditions.at(0).status, Truth::yes);
  vendor.live_reload = false;
  const auto by_hand = look().conditions;
  EXPECT_EQ(by_hand.at(0).type, "ExpiryAppliedLive");
  EXPECT_EQ(by_hand.at(0).status, Truth::no);
  EXPECT_NE(by_hand.at(0).message.find("reloaded by hand"), std::string::npos);
}

TEST_F(SipExpiryTest, NeedsNoLiveReloadSwitch) {
  vendor.has_live_reload = false;
  EXPECT_TRUE(pass().conditions.empty());
  vendor.has_live_reload = true;
  vendor.acl = {"auth.tenants.read", "confd.endpoints.#"};
  EXPECT_EQ(pass().conditions.at(0).status, Truth::unknown);
}

TEST_F(SipExpiryTest, IsUnsureWhileATenantHasNoTemplateYet) {
  vendor.templates.clear();
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::in_sync);
  EXPECT_EQ(report.conditions.at(0).reason, "NoTemplate");
}

TEST_F(SipExpiryTest, ShowsNoSecret) {
  vendor.acl = {"confd.endpoints.sip.templates.read"};
  const Report report = pass();
  ASSERT_TRUE(report.error);
  EXPECT_FALSE(shows_a_secret(report.error->message)) << report.error->message;
}

}  // namespace
}  // namespace tandem
