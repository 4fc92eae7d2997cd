#include "pbx/provd.h"

#include <gtest/gtest.h>

#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;

class ProvdTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  void provd_says(std::string body, int status = 200) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    http.on("", FakeVendor::kProvd, response);
  }
};

TEST_F(ProvdTest, AsksWithExactlyItsMediaType) {
  ASSERT_TRUE(run(provd.put_registrar_backups("default", "10.0.0.2", "10.0.0.2")).ok());
  EXPECT_EQ(http.sent.back().headers.at("Content-Type"), FakeVendor::kProvdType);
  EXPECT_EQ(http.sent.back().headers.at("Accept"), FakeVendor::kProvdType);
}

TEST_F(ProvdTest, AsksForRegistrarsByAnEncodedQuery) {
  ASSERT_EQ(run(provd.registrars()).value().size(), 1u);
  EXPECT_EQ(http.sent.back().url,
            "http://127.0.0.1:8666/0.2/cfg_mgr/configs?q=%7B%22X_type%22%3A%22registrar%22%7D");
}

TEST_F(ProvdTest, LooksAtTheTypeOfEachDocumentWhenTheQueryWasIgnored) {
  vendor.add_device("autoprov", "10.0.0.1", "internal");
  provd_says(
      Json{{"configs", Json::array({vendor.configs["autoprov"], vendor.configs["default"], 17})}}
          .dump());
  const auto registrars = run(provd.registrars());
  ASSERT_EQ(registrars.value().size(), 1u);
  EXPECT_EQ(registrars.value()[0].id, "default");
}

TEST_F(ProvdTest, TakesAbsentNullAndEmptyBackupsForOne) {
  vendor.add_registrar("second", "10.0.0.9");
  vendor.configs["second"]["registrar_backup"] = nullptr;
  vendor.configs["second"]["proxy_backup"] = "";
  const auto registrars = run(provd.registrars());
  ASSERT_EQ(registrars.value().size(), 2u);
  for (const Registrar& registrar : registrars.value()) {
    EXPECT_EQ(registrar.backup_host, "");
    EXPECT_EQ(registrar.proxy_backup_host, "");
  }
}

TEST_F(ProvdTest, KeepsTheRestOfADocumentItWrites) {
  Json before = vendor.configs["default"];
  ASSERT_TRUE(run(provd.put_registrar_backups("default", "10.0.0.2", "")).ok());
  before["registrar_backup"] = "10.0.0.2";
  before["proxy_backup"] = nullptr;
  EXPECT_EQ(vendor.configs["default"], before);
}

TEST_F(ProvdTest, WritesNothingIntoADocumentThatIsNoRegistrar) {
  vendor.add_device("default", "10.0.0.1");
  EXPECT_EQ(run(provd.put_registrar_backups("default", "10.0.0.2", "")).error().fault,
            Fault::invalid);
  EXPECT_TRUE(vendor.writes().empty());
}

TEST_F(ProvdTest, CollectsTheCopiesOfDevicesAndAutoprov) {
  vendor.add_device("dev1", "10.0.0.1");
  vendor.add_device("autoprov", "10.0.0.1", "internal");
  vendor.configs["dev1"]["raw_config"]["sip_lines"]["1"]["backup_registrar_ip"] = "10.0.0.2";
  vendor.configs["odd"] = Json::parse(R"({"X_type": "device", "id": "odd", "raw_config": []})");
  const auto copies = run(provd.registrar_copies());
  ASSERT_EQ(copies.value().size(), 2u);
  EXPECT_EQ(copies.value()[0],
            (RegistrarCopy{"dev1", "1", "10.0.0.1", "10.0.0.1", "10.0.0.2", ""}));
  EXPECT_EQ(copies.value()[1].config, "autoprov");
}

TEST_F(ProvdTest, NeedsNoAutoprov) { EXPECT_TRUE(run(provd.registrar_copies()).value().empty()); }

TEST_F(ProvdTest, CallsARefusalARefusal) {
  vendor.acl = {};
  const auto refused = run(provd.registrars());
  EXPECT_EQ(refused.error().fault, Fault::denied);
  EXPECT_NE(refused.error().message.find("Unauthorized"), std::string::npos);
}

TEST_F(ProvdTest, ShowsNoSecretOfADocumentItCanNotRead) {
  vendor.add_device("dev1", "10.0.0.1");
  vendor.configs["dev1"]["raw_config"]["sip_lines"]["1"]["backup_registrar_ip"] = 17;
  const auto copies = run(provd.registrar_copies());
  EXPECT_EQ(copies.error().fault, Fault::unavailable);
  EXPECT_FALSE(shows_a_secret(copies.error().message)) << copies.error().message;
}

TEST_F(ProvdTest, SurvivesAnyBody) {
  for (const char* body : {"", "null", "[]", "{}", R"({"configs": {}})", "<html>",
                           R"({"configs": [{"X_type": "registrar"}]})"}) {
    provd_says(body);
    EXPECT_EQ(run(provd.registrars()).error().fault, Fault::unavailable) << body;
    EXPECT_FALSE(run(provd.put_registrar_backups("default", "", "")).ok()) << body;
  }
}

TEST_F(ProvdTest, NamesTheInstalledPlugins) {
  EXPECT_EQ(run(provd.installed_plugins()).value(), std::vector<std::string>{});
  vendor.plugins = {"wazo-snom", "wazo-aastra"};
  EXPECT_EQ(run(provd.installed_plugins()).value(),
            (std::vector<std::string>{"wazo-aastra", "wazo-snom"}));
  provd_says(R"({"pkgs": []})");
  EXPECT_EQ(run(provd.installed_plugins()).error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace tandem
