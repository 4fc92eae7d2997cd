#include "pbx/confd.h"

#include <gtest/gtest.h>

#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;

constexpr const char* kUuid = "e61d1069-6c5e-4596-be47-320854569810";

class ConfdTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  void confd_says(std::string body, int status = 200) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    http.on("", FakeVendor::kConfd, response);
  }
};

TEST_F(ConfdTest, ReadsRegistrars) {
  vendor.configs["default"]["registrar_backup"] = "10.0.0.2";
  const auto registrars = run(confd.registrars());
  ASSERT_EQ(registrars.value().size(), 1u);
  EXPECT_EQ(registrars.value()[0], (Registrar{"default", "10.0.0.1", "10.0.0.1", "10.0.0.2", ""}));
}

TEST_F(ConfdTest, NeverReturnsAShortList) {
  vendor.hidden_items = 1;
  EXPECT_EQ(run(confd.registrars()).error().fault, Fault::unavailable);
  vendor.templates[kUuid] = {};
  EXPECT_EQ(run(confd.global_templates()).error().fault, Fault::unavailable);
}

TEST_F(ConfdTest, NamesTheFieldThatItCanNotRead) {
  confd_says(R"({"total": 1, "items": [{"id": "default", "backup_host": 1}]})");
  EXPECT_EQ(run(confd.registrars()).error(),
            (Error{Fault::unavailable,
                   "confd: GET /registrars has no usable backup_host: it must "
                   "be a string or null"}));
}

TEST_F(ConfdTest, PutsOnlyTheTwoKeysAndNullForNone) {
  ASSERT_TRUE(run(confd.put_registrar_backups("a/b", "10.0.0.2", "")).error().fault ==
              Fault::not_found);
  const HttpRequest& request = http.sent.back();
  EXPECT_EQ(request.url, "http://127.0.0.1:9486/1.1/registrars/a%2Fb");
  EXPECT_EQ(request.body, R"({"backup_host":"10.0.0.2","proxy_backup_host":null})");
}

TEST_F(ConfdTest, ListsTheGlobalTemplateOfEachTenant) {
  vendor.templates["t1"] = {FakeVendor::kMaster, "global", FakeVendor::default_aor()};
  vendor.templates["t2"] = {"tenant-2", "global", FakeVendor::default_aor()};
  const auto templates = run(confd.global_templates());
  ASSERT_EQ(templates.value().size(), 2u);
  EXPECT_EQ(templates.value()[1].tenant_uuid, "tenant-2");
  EXPECT_TRUE(same_pairs(templates.value()[1].aor, FakeVendor::default_aor()));
}

TEST_F(ConfdTest, IsGivenOnlyItsOwnTenantWithoutTheRightToListThem) {
  vendor.acl = {"confd.endpoints.sip.templates.read"};
  vendor.templates["t1"] = {FakeVendor::kMaster, "global", FakeVendor::default_aor()};
  vendor.templates["t2"] = {"tenant-2", "global", FakeVendor::default_aor()};
  EXPECT_EQ(run(confd.global_templates()).value().size(), 1u);
}

TEST_F(ConfdTest, IgnoresTemplatesThatAFilterShouldHaveLeftOut) {
  confd_says(R"({"total": 2, "items": [
    {"uuid": "a", "tenant_uuid": "t", "label": "webrtc", "aor_section_options": []},
    {"uuid": "b", "tenant_uuid": "t", "label": "global", "aor_section_options": []}]})");
  const auto templates = run(confd.global_templates());
  ASSERT_EQ(templates.value().size(), 1u);
  EXPECT_EQ(templates.value()[0].uuid, "b");
}

TEST_F(ConfdTest, PutsAWholeSectionOfStrings) {
  vendor.templates[kUuid] = {};
  const OptionPairs aor{
      {"maximum_expiration", "300"}, {"max_contacts", "1"}, {"max_contacts", "1"}};
  ASSERT_TRUE(run(confd.put_aor(kUuid, aor)).ok());
  EXPECT_EQ(vendor.templates[kUuid].aor, aor);
  EXPECT_TRUE(same_pairs(run(confd.sip_template(kUuid)).value().aor, aor));
}

TEST_F(ConfdTest, KeepsEverythingElseOfTheOldGeneralOptions) {
  vendor.sip_general = Json::parse(R"({"options": {"minexpiry": "60", "bindport": null, "x": "1"},
    "ordered_options": [["register", "a"], ["maxexpiry", "3600"], ["register", "b"]], "more": 1})");
  const auto general = run(confd.sip_general());
  ASSERT_TRUE(general.ok()) << general.error().message;
  const std::map<std::string, std::string> wanted{{"minexpiry", "180"}, {"maxexpiry", "300"}};
  ASSERT_TRUE(run(confd.put_sip_general(general.value(), wanted)).ok());
  EXPECT_EQ(*vendor.sip_general, Json::parse(R"({"options": {"minexpiry": "180", "maxexpiry": "300",
    "bindport": null, "x": "1"}, "ordered_options": [["register", "a"], ["register", "b"]],
    "more": 1})"));
}

TEST_F(ConfdTest, TellsAMissingPathByItsStatus) {
  EXPECT_EQ(run(confd.sip_general()).error().fault, Fault::not_found);
  vendor.has_registrars = false;
  EXPECT_EQ(run(confd.registrars()).error().fault, Fault::not_found);
}

TEST_F(ConfdTest, AsksTheWizardWithoutAToken) {
  EXPECT_TRUE(run(confd.wizard()).value().configured);
  ASSERT_EQ(http.sent.size(), 1u);
  EXPECT_FALSE(http.sent[0].headers.contains("X-Auth-Token"));
}

TEST_F(ConfdTest, ReadsTheSwitchAndTheVersion) {
  vendor.live_reload = false;
  EXPECT_FALSE(run(confd.live_reload()).value());
  EXPECT_EQ(run(confd.infos()).value().version, "26.08");
}

TEST_F(ConfdTest, SurvivesAnyBody) {
  for (const char* body : {"", "null", "[]", "{}", "17", "<html>", R"({"items": [1], "total": 1})",
                           R"({"items": [null], "total": 1, "options": 1})",
                           R"({"options": {}, "ordered_options": {}})"}) {
    confd_says(body);
    EXPECT_EQ(run(confd.registrars()).error().fault, Fault::unavailable) << body;
    EXPECT_EQ(run(confd.sip_template("x")).error().fault, Fault::unavailable) << body;
    EXPECT_EQ(run(confd.sip_general()).error().fault, Fault::unavailable) << body;
    EXPECT_EQ(run(confd.live_reload()).error().fault, Fault::unavailable) << body;
    EXPECT_EQ(run(confd.wizard()).error().fault, Fault::unavailable) << body;
    EXPECT_EQ(run(confd.infos()).error().fault, Fault::unavailable) << body;
  }
}

TEST_F(ConfdTest, ListsTheTrunksThatHaveASipEndpoint) {
  vendor.trunks["carrier1"] = {};
  vendor.trunks["carrier2"] = {};
  const auto trunks = run(confd.sip_trunks());
  ASSERT_EQ(trunks.value().size(), 2u);
  EXPECT_EQ(trunks.value()[0], (Trunk{FakeVendor::kMaster, "carrier1", "carrier1"}));
  EXPECT_NE(http.sent.back().url.find("recurse=true"), std::string::npos) << "all tenants";
}

TEST_F(ConfdTest, ReadsARegistrationWithWhatItInherits) {
  vendor.trunks["carrier1"] = {{"client_uri", "sip:a@b"}, {"expiration", "60"}};
  const auto options = run(confd.registration("carrier1"));
  EXPECT_TRUE(
      same_pairs(options.value(),
                 {{"client_uri", "sip:a@b"}, {"expiration", "60"}, {"retry_interval", "20"}}));
  EXPECT_EQ(run(confd.registration("gone")).error().fault, Fault::not_found);
}

TEST_F(ConfdTest, NamesTheFieldOfATrunkThatItCanNotRead) {
  confd_says(R"({"total": 1, "items": [{"tenant_uuid": "t", "endpoint_sip": {"uuid": 7}}]})");
  EXPECT_NE(run(confd.sip_trunks()).error().message.find("uuid"), std::string::npos);
}

}  // namespace
}  // namespace tandem
