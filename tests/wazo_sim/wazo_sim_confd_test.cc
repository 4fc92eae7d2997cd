// The gotchas of wazo-confd, held to the shapes of the recordings.
#include <algorithm>
#include <set>

#include "tests/wazo_sim/wazo_sim_test.h"

namespace tandem::wazo_sim {
namespace {

TEST_F(WazoSimTest, RepeatsTheRefusedToken) {
  EXPECT_EQ(confd("GET", "/1.1/infos", "nope").body, "[\"('nope', 'confd.infos.read')\"]\n");
  const std::string mine = token(R"(["confd.ha.read"])");
  EXPECT_EQ(confd("GET", "/1.1/infos", mine).body,
            "[\"('" + mine + "', 'confd.infos.read', None)\"]\n");
}

TEST_F(WazoSimTest, ShowsAFreshRegistrarAsRecorded) {
  const auto answer = confd("GET", "/1.1/registrars", token());
  EXPECT_EQ(answer.body,
            "{\"total\": 1, \"items\": [{\"id\": \"default\", \"deletable\": false, \"name\": "
            "\"local\", \"main_host\": \"10.0.0.1\", \"main_port\": null, \"backup_host\": null, "
            "\"backup_port\": null, \"proxy_main_host\": \"10.0.0.1\", \"proxy_main_port\": null, "
            "\"proxy_backup_host\": null, \"proxy_backup_port\": null, \"outbound_proxy_host\": "
            "null, \"outbound_proxy_port\": null, \"links\": [{\"rel\": \"registrars\", \"href\": "
            "\"http://127.0.0.1:9486/1.1/registrars/default\"}]}]}\n");
  EXPECT_TRUE(answer.has("Server: Cheroot/9.0.0"));
  EXPECT_TRUE(answer.has("Content-Length: 424"));  // to the byte what was recorded
  EXPECT_FALSE(config_on_disk("default").contains("registrar_backup"));
}

TEST_F(WazoSimTest, CarriesABackupToPhonesAndAutoprov) {
  const std::string mine = token();
  control("POST", "/devices", R"({"id": "phone1", "registrar": "default"})");
  const auto answer = confd("PUT", "/1.1/registrars/default", mine,
                            R"({"backup_host": "10.0.0.2", "proxy_backup_host": "10.0.0.2"})");
  EXPECT_EQ(answer.status, 204);
  EXPECT_TRUE(answer.has("Content-Type: application/json"));
  EXPECT_EQ(answer.head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(config_on_disk("default").at("registrar_backup"), "10.0.0.2");
  EXPECT_EQ(config_on_disk("default").at("registrar_main"), "10.0.0.1");
  for (const char* id : {"phone1", "autoprov"}) {
    const Json line = config_on_disk(id).at("raw_config").at("sip_lines").at("1");
    EXPECT_EQ(line.at("backup_registrar_ip"), "10.0.0.2") << id;
    EXPECT_EQ(line.at("backup_proxy_ip"), "10.0.0.2") << id;
  }
}

TEST_F(WazoSimTest, LeavesPhonesBehindWhenTheRegistrarIsWrittenToProvd) {
  const std::string mine = token();
  control("POST", "/devices", R"({"id": "phone1"})");
  Json document = config_on_disk("default");
  document["registrar_backup"] = "10.0.0.2";
  EXPECT_EQ(provd("PUT", kDefault, mine, Json({{"config", document}}).dump()).status, 204);
  const Json line = config_on_disk("phone1").at("raw_config").at("sip_lines").at("1");
  EXPECT_FALSE(line.contains("backup_registrar_ip"));
}

TEST_F(WazoSimTest, StopsBetweenTheRegistrarAndItsCopies) {
  control("POST", "/faults", R"({"service": "provd", "kind": "status", "count": 1,
                                 "path_prefix": "/0.2/cfg_mgr/configs/autoprov"})");
  EXPECT_EQ(
      confd("PUT", "/1.1/registrars/default", token(), R"({"backup_host": "10.0.0.2"})").status,
      500);
  EXPECT_EQ(config_on_disk("default").at("registrar_backup"), "10.0.0.2");
  const Json line = config_on_disk("autoprov").at("raw_config").at("sip_lines").at("1");
  EXPECT_TRUE(line.at("backup_registrar_ip").is_null());
}

TEST_F(WazoSimTest, RefusesABackupThatIsNoString) {
  const auto answer = confd("PUT", "/1.1/registrars/default", token(), R"({"backup_host": 1})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "[\"Input Error - backup_host: ['Not a valid string.']\"]\n");
}

TEST_F(WazoSimTest, ShufflesTheOptionsOfATemplate) {
  const std::string mine = token();
  std::set<std::string> orders;
  std::set<std::string> contents;
  for (int i = 0; i < 8; ++i) {
    Json section = Json::parse(confd("GET", kGlobal, mine).body).at("aor_section_options");
    orders.insert(section.dump());
    std::ranges::sort(section.get_ref<Json::array_t&>());
    contents.insert(section.dump());
  }
  EXPECT_GT(orders.size(), 1u);
  EXPECT_EQ(
      contents,
      std::set<std::string>{
          R"([["default_expiration","120"],["max_contacts","1"],["maximum_expiration","3600"],)"
          R"(["minimum_expiration","60"],["qualify_frequency","60"],["remove_existing","true"]])"});
}

TEST_F(WazoSimTest, ReplacesAGivenSectionAndKeepsTheOthers) {
  const std::string mine = token();
  const std::string body = R"({"aor_section_options": [["maximum_expiration", "360"]]})";
  EXPECT_EQ(confd("PUT", kGlobal, mine, body).status, 204);
  const Json document = Json::parse(confd("GET", kGlobal, mine).body);
  EXPECT_EQ(document.at("aor_section_options").size(), 1u);
  EXPECT_EQ(document.at("endpoint_section_options").size(), 17u);
}

TEST_F(WazoSimTest, RefusesOptionsInTheRecordedWords) {
  const std::string mine = token();
  const auto put = [&](const char* section) {
    return confd("PUT", kGlobal, mine, "{\"aor_section_options\": " + std::string(section) + "}")
        .body;
  };
  EXPECT_EQ(put(R"([["maximum_expiration", 360]])"),
            "[\"Input Error - aor_section_options: {0: {1: ['Not a valid string.']}}\"]\n");
  EXPECT_EQ(put("{}"), "[\"Input Error - aor_section_options: ['Not a valid list.']\"]\n");
  EXPECT_EQ(put("null"), "[\"Input Error - aor_section_options: ['Field may not be null.']\"]\n");
  EXPECT_EQ(put(R"([["no_such_option", "1"]])").size(), 311u);  // as recorded
  EXPECT_EQ(put("x"),
            "[\"The browser (or proxy) sent a request that this server could not understand.\"]\n");
}

TEST_F(WazoSimTest, CommitsATemplateAlthoughSysconfdIsDown) {
  const std::string mine = token();
  control("POST", "/faults", R"({"service": "sysconfd", "kind": "down"})");
  const auto answer = confd("PUT", kGlobal, mine, R"({"aor_section_options": []})");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, "{\"message\": \"Internal Server Error\"}\n");
  EXPECT_TRUE(Json::parse(confd("GET", kGlobal, mine).body).at("aor_section_options").empty());
}

TEST_F(WazoSimTest, ShortensARecursiveListWithoutAWord) {
  control("POST", "/tenants", R"({"name": "sub1"})");
  const char* list = "/1.1/endpoints/sip/templates?label=global&recurse=true";
  EXPECT_EQ(Json::parse(confd("GET", list, token()).body).at("total"), 2);
  const auto shortened = confd("GET", list, token(R"(["confd.#"])"));
  EXPECT_EQ(shortened.status, 200);
  EXPECT_EQ(Json::parse(shortened.body).at("total"), 1);
}

TEST_F(WazoSimTest, KeepsRegistrarsToTheMasterTenant) {
  const auto made = control("POST", "/tenants", R"({"name": "sub1"})");
  const std::string tenant = Json::parse(made.body).at("uuid");
  control("POST", "/users",
          Json({{"name", "kid"}, {"password", "kid"}, {"tenant_uuid", tenant}}).dump());
  const std::string child = token_of("a2lkOmtpZA==");  // kid:kid, with every right
  const auto answer = confd("GET", "/1.1/registrars", child);
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, "[\"" + child + "\"]\n");
  EXPECT_EQ(confd("GET", "/1.1/endpoints/sip/templates", child).status, 200);
}

TEST_F(WazoSimTest, AnswersTheWizardWithoutATokenAndShowsProvd) {
  EXPECT_EQ(ask(node_->port("confd"), "GET", "/1.1/wizard").body,
            "{\"configured\": true, \"configurable\": true, \"configurable_status\": "
            "{\"wazo-provd\": \"ok\", \"wazo-auth\": \"ok\"}}\n");
  control("POST", "/faults", R"({"service": "provd", "kind": "down"})");
  EXPECT_NE(ask(node_->port("confd"), "GET", "/1.1/wizard").body.find("\"wazo-provd\": \"fail\""),
            std::string::npos);
  EXPECT_EQ(confd("GET", "/1.1/registrars", token()).status, 500);
}

TEST_F(WazoSimTest, HasNoRegistrarBeforeTheWizard) {
  node_.reset();
  std::filesystem::remove_all(directory_ / "root");
  std::filesystem::remove_all(directory_ / "state");
  start(true);
  EXPECT_EQ(confd("GET", "/1.1/registrars", token()).body, "{\"total\": 0, \"items\": []}\n");
  control("PUT", "/wizard", R"({"configured": true})");
  EXPECT_EQ(config_on_disk("default").at("registrar_main"), "10.0.0.1");
}

TEST_F(WazoSimTest, SpeaksTheOldSipSettingsOnRequest) {
  const char* general = "/1.1/asterisk/sip/general";
  const std::string mine = token(R"(["#"])");
  EXPECT_TRUE(confd("GET", general, mine).has("Content-Type: text/html; charset=utf-8"));
  control("PUT", "/era", R"({"sip": "general", "registrars": false})");
  EXPECT_EQ(confd("GET", kGlobal, mine).status, 404);
  EXPECT_EQ(confd("GET", "/1.1/registrars", mine).status, 404);
  EXPECT_EQ(confd("PUT", general, mine, R"({"options": {"minexpiry": "60"}})").status, 400);
  const char* all = R"({"options": {"minexpiry": "180"}, "ordered_options": []})";
  EXPECT_EQ(confd("PUT", general, mine, all).status, 204);
  EXPECT_EQ(Json::parse(confd("GET", general, mine).body), Json::parse(all));
}

TEST_F(WazoSimTest, HidesTheExpirationOfATrunkInTheList) {
  const std::string mine = token();
  const auto made = control("POST", "/trunks", R"({"name": "carrier1", "expiration": "60"})");
  const std::string uuid = Json::parse(made.body).at("endpoint_uuid");
  const Json trunk = Json::parse(confd("GET", "/1.1/trunks", mine).body).at("items").at(0);
  EXPECT_EQ(trunk.at("endpoint_sip").at("registration_section_options").dump(),
            R"([["client_uri","sip:user@carrier1.example.test"]])");
  const std::string path = "/1.1/endpoints/sip/" + uuid;
  const auto has_retries = [](const Answer& answer) {
    return answer.body.find("max_retries") != std::string::npos;
  };
  EXPECT_FALSE(has_retries(confd("GET", path, mine)));
  EXPECT_TRUE(has_retries(confd("GET", path + "?view=merged", mine)));
}

}  // namespace
}  // namespace tandem::wazo_sim
