// The gotchas of wazo-auth and wazo-provd, held to the shapes of the recordings; faults and
// control.
#include "tests/wazo_sim/wazo_sim_test.h"

#include <thread>

#include "tests/wazo_sim/auth/acl.h"

namespace tandem::wazo_sim {
namespace {

TEST(Acl, MatchesAWordOrAnyNumberOfThem) {
  EXPECT_TRUE(grants({"confd.registrars.*.read"}, "confd.registrars.default.read"));
  EXPECT_FALSE(grants({"confd.*.read"}, "confd.registrars.default.read"));
  EXPECT_TRUE(grants({"confd.#"}, "confd.registrars.default.read"));
  EXPECT_TRUE(grants({"#.read"}, "confd.registrars.read"));
  EXPECT_FALSE(grants({"#", "!confd.ha.update"}, "confd.ha.update"));
}

// ---- wazo-auth

TEST_F(WazoSimTest, RefusesATokenInTheRecordedShape) {
  const auto answer = ask(node_->port("auth"), "POST", "/0.1/token", {}, "{}");
  EXPECT_EQ(answer.status, 401);
  const Json body = Json::parse(answer.body);
  EXPECT_EQ(body.at("reason"), Json::array({"Authentication Failed"}));
  EXPECT_TRUE(body.at("timestamp").at(0).is_number_float());
  EXPECT_EQ(body.at("status_code"), 401);
}

TEST_F(WazoSimTest, LooksAtTheBodyOfATokenRequestFirst) {
  const auto no_body = ask(node_->port("auth"), "POST", "/0.1/token");
  EXPECT_EQ(no_body.status, 400);
  EXPECT_EQ(no_body.body,
            "{\"message\": \"The browser (or proxy) sent a request that this server could not "
            "understand.\"}\n");
  const auto zero = ask(node_->port("auth"), "POST", "/0.1/token", {}, R"({"expiration": 0})");
  EXPECT_NE(
      zero.body.find("Must be greater than or equal to 1 and less than or equal to 315360000."),
      std::string::npos);
}

TEST_F(WazoSimTest, TellsWhichScopesATokenHas) {
  const std::string mine = token(R"(["confd.ha.read"])");
  const auto checked = ask(node_->port("auth"), "POST", "/0.1/token/" + mine + "/scopes/check", {},
                           R"({"scopes": ["confd.ha.read", "confd.ha.update"]})");
  EXPECT_EQ(checked.body, "{\"scopes\": {\"confd.ha.read\": true, \"confd.ha.update\": false}}\n");
  const std::string path = "/0.1/token/" + mine + "?scope=";
  EXPECT_EQ(ask(node_->port("auth"), "HEAD", path + "confd.ha.read").status, 204);
  EXPECT_EQ(ask(node_->port("auth"), "HEAD", path + "confd.ha.update").status, 403);
  EXPECT_EQ(ask(node_->port("auth"), "GET", "/0.1/status").status, 405);
}

TEST_F(WazoSimTest, KeepsTokensOverARestartAndLosesThemToAReplication) {
  const std::string mine = token();
  start();
  EXPECT_EQ(confd("GET", "/1.1/infos", mine).status, 200);
  control("POST", "/tokens/forget", "{}");
  EXPECT_EQ(confd("GET", "/1.1/infos", mine).status, 401);
}

// ---- wazo-provd

TEST_F(WazoSimTest, ChunksTheDocumentsOfProvd) {
  const auto answer = provd("GET", kDefault, token());
  EXPECT_EQ(
      answer.body,
      R"({"config":{"X_type":"registrar","id":"default","deletable":false,"displayname":"local",)"
      R"("parent_ids":[],"raw_config":{"X_key":"xivo"},"proxy_main":"10.0.0.1",)"
      R"("registrar_main":"10.0.0.1"}})");
  EXPECT_GT(answer.chunks, 1u);
  EXPECT_TRUE(answer.has("Server: TwistedWeb/22.4.0"));
}

TEST_F(WazoSimTest, WantsProvdsMediaTypeToTheLetter) {
  const std::string mine = token();
  const std::string type = kProvdType;
  EXPECT_EQ(provd("PUT", kDefault, mine, "{}", type + "; charset=utf-8").status, 415);
  EXPECT_EQ(provd("PUT", kDefault, mine, "{}", "application/json").body,
            "Entity must be in media type \"application/vnd.proformatique.provd+json\".");
  EXPECT_EQ(ask(node_->port("provd"), "GET", kDefault,
                {{"X-Auth-Token", mine}, {"Accept", "application/json"}})
                .status,
            406);
  const auto bare = ask(node_->port("provd"), "GET", kDefault, {{"X-Auth-Token", mine}});
  EXPECT_EQ(bare.status, 200);
}

TEST_F(WazoSimTest, SaysUnauthorizedToEveryLackOfRights) {
  const std::string mine = token(R"(["provd.cfg_mgr.configs.read"])");
  for (const std::string& each : {std::string(), std::string("nope"), mine}) {
    const auto answer = provd("GET", kDefault, each);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, "Unauthorized");
    EXPECT_TRUE(answer.has("Content-Type: text/html"));
  }
  const auto tenant = ask(node_->port("provd"), "GET", "/0.2/cfg_mgr/configs",
                          {{"X-Auth-Token", mine}, {"Wazo-Tenant", "x"}});
  EXPECT_EQ(tenant.status, 401);
}

TEST_F(WazoSimTest, IgnoresAQueryThatIsNoJson) {
  const std::string mine = token();
  const auto count = [&](const char* query) {
    const auto answer = provd("GET", std::string("/0.2/cfg_mgr/configs?") + query, mine);
    return Json::parse(answer.body).at("configs").size();
  };
  EXPECT_EQ(count("q=%7B%22X_type%22%3A%20%22registrar%22%7D"), 1u);
  EXPECT_EQ(count("q64=eyJYX3R5cGUiOiAicmVnaXN0cmFyIn0%3D"), 1u);
  EXPECT_EQ(count("q=notjson"), 4u);
}

TEST_F(WazoSimTest, ReplacesAWholeDocumentAndKeepsItsId) {
  const std::string mine = token();
  const char* document =
      R"({"config": {"id": "other", "X_type": "registrar", "parent_ids": [], "raw_config": {}}})";
  const auto answer = provd("PUT", kDefault, mine, document);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.head.find("Content-"), std::string::npos);
  EXPECT_EQ(config_on_disk("default").at("id"), "default");
  EXPECT_FALSE(config_on_disk("default").contains("registrar_main"));
  EXPECT_EQ(provd("PUT", kDefault, mine, R"({"config": {"raw_config": {}}})").body,
            "missing \"parent_ids\" field in config");
  EXPECT_NE(provd("PUT", kDefault, mine, "[1]").body.find("Processing Failed"), std::string::npos);
  EXPECT_EQ(provd("PUT", kDefault, mine, "{\"config\": ").body,
            "b'Invalid JSON document: Expecting value: line 1 column 12 (char 11)'");
}

TEST_F(WazoSimTest, WritesNothingForAnIdenticalDocument) {
  const std::string mine = token();
  const std::string same = Json({{"config", config_on_disk("default")}}).dump();
  control("DELETE", "/journal");
  EXPECT_EQ(provd("PUT", kDefault, mine, same).status, 204);
  const Json entries = Json::parse(control("GET", "/journal?service=provd&method=PUT").body);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].at("status"), 204);
  EXPECT_EQ(entries[0].at("changed"), false);
}

TEST_F(WazoSimTest, ReadsItsFilesAgainOnlyWhenProvdStarts) {
  const std::string mine = token();
  Json edited = config_on_disk("default");
  edited["registrar_backup"] = "10.0.0.9";
  std::ofstream(directory_ / "root/var/lib/wazo-provd/jsondb/configs/default") << edited.dump();
  EXPECT_EQ(provd("GET", kDefault, mine).body.find("10.0.0.9"), std::string::npos);
  const auto fault = control("POST", "/faults", R"({"service": "provd", "kind": "down"})");
  EXPECT_EQ(provd("GET", kDefault, mine).status, 0) << "must be refused";
  control("DELETE", "/faults/" + Json::parse(fault.body).at("id").dump());
  EXPECT_NE(provd("GET", kDefault, mine).body.find("10.0.0.9"), std::string::npos);
}

// ---- faults and control

TEST_F(WazoSimTest, CountsDownAFault) {
  const std::string mine = token();
  control("POST", "/faults", R"({"service": "confd", "kind": "burst_503", "count": 2})");
  EXPECT_EQ(confd("GET", "/1.1/infos", mine).status, 503);
  EXPECT_NE(confd("GET", "/1.1/infos", mine).body.find(mine), std::string::npos);
  EXPECT_EQ(confd("GET", "/1.1/infos", mine).status, 200);
}

TEST_F(WazoSimTest, DoesWhatItReportsAsFailed) {
  for (const char* kind : {"committed_500", "unconfirmed"}) {
    start();
    const std::string mine = token();
    const std::string backup = std::string("10.0.0.") + (*kind == 'c' ? "3" : "4");
    control("POST", "/faults",
            Json({{"service", "confd"}, {"method", "PUT"}, {"kind", kind}, {"count", 1}}).dump());
    const auto answer =
        confd("PUT", "/1.1/registrars/default", mine, "{\"backup_host\": \"" + backup + "\"}");
    EXPECT_EQ(answer.status, *kind == 'c' ? 500 : 0);
    EXPECT_EQ(config_on_disk("default").at("registrar_backup"), backup);
  }
}

TEST_F(WazoSimTest, BreaksAnswersInEveryWay) {
  const std::string mine = token();
  const auto with = [&](const std::string& fault) {
    control("DELETE", "/faults");
    control("POST", "/faults", "{\"service\": \"confd\", " + fault + "}");
    return confd("GET", "/1.1/infos", mine);
  };
  EXPECT_EQ(with(R"("kind": "cut", "at": "headers")").status, 0);
  EXPECT_EQ(with(R"("kind": "cut")").body.size(), 37u);
  EXPECT_EQ(with(R"("kind": "dribble", "delay_ms": 0)").body.size(), 74u);
  EXPECT_FALSE(Json::accept(with(R"("kind": "truncated_json")").body));
  EXPECT_FALSE(Json::accept(with(R"("kind": "garbage")").body));
  EXPECT_TRUE(with(R"("kind": "redirect", "location": "http://x/")").has("Location: http://x/"));
  EXPECT_GT(with(R"("kind": "huge")").body.size(), 1'000'000u);
  EXPECT_EQ(with(R"("kind": "status", "status": 418)").status, 418);
}

TEST_F(WazoSimTest, EndsWhileAnswersAreHeldBack) {
  const std::string mine = token();
  control("POST", "/faults", R"({"service": "confd", "kind": "slow", "delay_ms": 60000})");
  const auto port = node_->port("confd");
  std::thread waiting([port] { EXPECT_EQ(ask(port, "GET", "/1.1/wizard").status, 0); });
  while (Json::parse(control("GET", "/journal?service=confd").body).empty()) {
  }
  node_.reset();
  waiting.join();
}

TEST_F(WazoSimTest, AnswersBadControlInputWithAnError) {
  for (const char* body :
       {"", "[", "[]", "{\"name\": 1}", "{\"service\": \"x\", \"kind\": \"down\"}"})
    for (const char* path : {"/tenants", "/registrars", "/faults", "/users", "/nope"}) {
      const auto answer = control("POST", path, body);
      EXPECT_TRUE(answer.status == 400 || answer.status == 404 ||
                  (answer.status == 201 && std::string(path) == "/registrars"))
          << path << ' ' << body;
      EXPECT_TRUE(Json::accept(answer.body));
    }
  EXPECT_EQ(control("PUT", "/acl", R"([1])").status, 400);
  EXPECT_EQ(control("DELETE", "/faults/9").status, 404);
}

}  // namespace
}  // namespace tandem::wazo_sim
