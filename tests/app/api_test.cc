#include "app/api.h"

#include "tests/reconciler/world.h"

namespace tandem {
namespace {

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

class ApiTest : public World {
 protected:
  ApiTest() {
    plan_resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
    plan_resources.push_back(std::make_unique<ManagedAs<Sentinels>>(node));
  }

  ServedResponse ask(const std::string& method, const std::string& path,
                     const std::string& body = "", const std::string& token = "",
                     bool from_loopback = true) {
    if (!api)
      api = std::make_unique<OperatorApi>(
          ApiParts{clock, *loop, metrics, plan_resources, "pbx-a", std::string(kToken), failover});
    ServedRequest request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.from_loopback = from_loopback;
    for (const auto& [name, value] : headers) request.headers[name] = value;
    if (!accept.empty()) request.headers["Accept"] = accept;
    if (!token.empty()) request.headers["Authorization"] = "Bearer " + token;
    return run(io, api->answer(std::move(request)));
  }
  nlohmann::json json(const ServedResponse& response) {
    return nlohmann::json::parse(response.body, nullptr, false);
  }

  std::string accept;
  HttpHeaders headers;
  Metrics metrics{{"ha-conf"}, "1", "r"};
  std::vector<std::unique_ptr<Managed>> plan_resources;
  FailoverApi failover{{clock, nullptr, nullptr, {}, {}}};
  std::unique_ptr<OperatorApi> api;
};

TEST_F(ApiTest, IsReadyOnlyAfterTheFirstPass) {
  start();
  EXPECT_EQ(ask("GET", "/livez").status, 200);
  EXPECT_EQ(ask("GET", "/readyz").status, 503);
  pass(std::chrono::seconds{1});
  EXPECT_EQ(ask("GET", "/readyz").status, 200);
  loop->stop();
  EXPECT_EQ(ask("GET", "/readyz").status, 503);
}

TEST_F(ApiTest, IsNotAliveWhereTheLoopIsStuck) {
  start_in_force();
  clock.automatic = false;
  clock.time += OperatorApi::kStuck + std::chrono::seconds{1};
  EXPECT_EQ(ask("GET", "/livez").status, 503);
  clock.automatic = true;
}

TEST_F(ApiTest, ShowsThePairWithSpecAndStatus) {
  start_in_force();
  const auto response = ask("GET", "/api/v1/pair");
  EXPECT_EQ(response.headers.at("Content-Type"), "application/json");
  const auto pair = json(response);
  EXPECT_EQ(pair["kind"], "HAPair");
  EXPECT_EQ(pair["metadata"]["name"], "montreal");
  EXPECT_EQ(pair["spec"]["primary"]["address"], "192.0.2.10");
  EXPECT_EQ(pair["spec"]["changes"]["allow"], "reload") << "defaults are filled in";
  EXPECT_EQ(pair["status"]["role"], "primary");
  EXPECT_EQ(pair["status"]["resources"].size(), 3U);
}

// Anybody may read: the secrets that a declaration can hold are not in it.
TEST_F(ApiTest, ShowsNoSecretOfTheDeclaration) {
  start_in_force();
  edit_pair(
      pair_yaml("  hooks: { afterTakeover: [[/usr/bin/tell, word-one]] }\n"
                "  notify: [{ webhook: https://hooks.example.com/word-two },"
                " { exec: [/usr/bin/page, word-three] }]\n"
                "  services: { activate: [/usr/bin/start, word-four] }\n"));
  pass(std::chrono::seconds{1});
  const auto body = ask("GET", "/api/v1/pair").body;
  EXPECT_NE(body.find("https://hooks.example.com/"), std::string::npos);
  EXPECT_NE(body.find("/usr/bin/page"), std::string::npos);
  EXPECT_EQ(body.find("word-"), std::string::npos);
}

// What follows the stream asks again when this changes: never at rest, always for news.
TEST_F(ApiTest, WhatIsShownIsTheSameAtRestAndAnotherWithEachNews) {
  start_in_force();
  ask("GET", "/livez");
  const auto at_rest = api->shown();
  pass(std::chrono::minutes{10});
  EXPECT_EQ(api->shown(), at_rest);
  edit_pair(pair_yaml("  suspend: { until: 2030-01-01T00:00:00Z, reason: a test }\n"));
  pass(std::chrono::seconds{1});
  const auto suspended = api->shown();
  EXPECT_NE(suspended, at_rest);
  edit(kHaConf, "{}");
  pass(std::chrono::seconds{1});
  EXPECT_NE(api->shown(), suspended) << "drift";
}

// A stranger's page whose name was made to lead here.
TEST_F(ApiTest, AnswersByNoNameButItsOwn) {
  start_in_force();
  headers["Host"] = "evil.example.com:21001";
  for (const char* path : {"/", "/api", "/api/v1/pair", "/api/v1/events/stream", "/nothing"}) {
    const auto refused = ask("GET", path);
    EXPECT_EQ(refused.status, 421) << path;
    EXPECT_EQ(refused.headers.at("Content-Type"), "application/problem+json");
    EXPECT_NE(refused.body.find("ssh -L"), std::string::npos);
  }
  EXPECT_EQ(ask("POST", "/api/v1/actions/apply", "{}", kToken).status, 421);
  for (const char* path : {"/livez", "/readyz", "/metrics"})
    EXPECT_EQ(ask("GET", path).status, 200) << path;
  for (const char* host : {"127.0.0.1:21001", "[::1]:21001", "localhost", "PBX-B:9877"}) {
    headers["Host"] = host;
    EXPECT_EQ(ask("GET", "/api/v1/pair").status, 200) << host;
  }
}

TEST_F(ApiTest, APageOfAnotherSiteGivesNoOrderAndIsNoIntruder) {
  start_in_force();
  headers = {{"Host", "127.0.0.1:9877"}, {"Origin", "https://evil.example.com"}};
  EXPECT_EQ(ask("POST", "/api/v1/actions/apply", "{}", "wrong").status, 403);
  headers = {{"Host", "127.0.0.1:9877"}, {"Sec-Fetch-Site", "cross-site"}};
  EXPECT_EQ(ask("POST", "/api/v1/actions/apply", "{}", kToken).status, 403);
  headers = {{"Host", "127.0.0.1:9877"}, {"Origin", "http://127.0.0.1:9877"}};
  EXPECT_EQ(ask("POST", "/api/v1/actions/apply", "{}", "wrong").status, 401);
}

TEST_F(ApiTest, PlansWithoutChangingAnything) {
  start_in_force();
  edit_pair(pair_yaml("  enabled: false\n"));
  pass(std::chrono::seconds{1});
  node.journal.clear();
  const auto plan = json(ask("GET", "/api/v1/plan"));
  EXPECT_EQ(plan["role"], "off");
  EXPECT_EQ(plan["structural"][0], "spec.enabled: true -> false");
  EXPECT_GE(plan["summary"]["changes"].get<int>(), 2);
  EXPECT_EQ(node.journal, std::vector<std::string>{});
}

TEST_F(ApiTest, OneAddressCanNotAskWithoutEnd) {
  start();
  ServedResponse last;
  for (int i = 0; i < 1000 && last.status == 200; ++i) last = ask("GET", "/livez", "", "", false);
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(last.headers.at("Retry-After"), "1");
  EXPECT_EQ(last.headers.at("Content-Type"), "application/problem+json");
  EXPECT_EQ(ask("GET", "/livez").status, 200) << "this host asks as it did";
  pass(std::chrono::seconds{2});
  EXPECT_EQ(ask("GET", "/livez", "", "", false).status, 200);
}

// Any process of the host can flood it; who has the token, and who watches whether it lives, must
// get through.
TEST_F(ApiTest, AFloodFromThisHostKeepsNoOrderOut) {
  start_in_force();
  ServedResponse last;
  for (int i = 0; i < 5000 && last.status == 200; ++i) last = ask("GET", "/api");
  ASSERT_EQ(last.status, 429);
  EXPECT_EQ(ask("GET", "/livez").status, 200);
  EXPECT_EQ(ask("GET", "/readyz").status, 200);
  EXPECT_EQ(ask("POST", "/api/v1/actions/apply", "{}", "wrong").status, 429)
      << "a wrong token is none";
  const auto order = ask("POST", "/api/v1/actions/apply", "{}", kToken);
  EXPECT_EQ(order.status, 200) << order.body;
}

TEST_F(ApiTest, AnOrderNeedsTheToken) {
  start();
  const std::string order = R"({"structural": true, "reason": "set-up"})";
  for (const std::string token : {"", "0", "0123456789abcdef0123456789abcdeX"}) {
    const auto refused = ask("POST", "/api/v1/actions/apply", order, token);
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.body.find(kToken), std::string::npos);
  }
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  EXPECT_EQ(json(ask("POST", "/api/v1/actions/apply", order, kToken))["converged"], true);
}

TEST_F(ApiTest, AnOrderFromAnotherHostIsRefused) {
  start();
  EXPECT_EQ(ask("POST", "/api/v1/actions/apply", "{}", kToken, false).status, 403);
}

TEST_F(ApiTest, AnOrderMustBeWellFormed) {
  start_in_force();
  for (const std::string body :
       {"[]", "{", R"({"now": 1})", R"({"nwo": true})", R"({"structural": true})",
        R"({"structural": true, "reason": ""})"})
    EXPECT_EQ(ask("POST", "/api/v1/actions/apply", body, kToken).status, 422) << body;
}

TEST_F(ApiTest, ApplySaysWhyNothingWasApplied) {
  start_in_force();
  edit_pair("bad");
  const auto refused = ask("POST", "/api/v1/actions/apply", "{}", kToken);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.headers.at("Content-Type"), "application/problem+json");
  EXPECT_NE(json(refused)["detail"].get<std::string>().find("pair.yaml:1:"), std::string::npos);
}

TEST_F(ApiTest, ShowsBrowsersThePageAndOthersTheListOfPaths) {
  start();
  const auto list = ask("GET", "/");
  EXPECT_EQ(list.headers.at("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(list.headers.at("Vary"), "Accept");
  EXPECT_NE(list.body.find("/api/v1/pair\n"), std::string::npos);
  EXPECT_EQ(ask("GET", "/api").body, list.body);
  accept = "text/html,application/xhtml+xml,*/*;q=0.8";
  EXPECT_EQ(ask("GET", "/").headers.at("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(ask("HEAD", "/page.css").headers.at("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(ask("POST", "/page.css").headers.at("Allow"), "GET, HEAD");
  EXPECT_EQ(json(ask("GET", "/page.js.map"))["status"], 404);
}

TEST_F(ApiTest, AnswersTheFiveQuestionsOfABadNight) {
  start_in_force();
  const auto status = json(ask("GET", "/api/v1/pair"))["status"];
  for (const char* question : {"serves", "calls", "holds", "broke", "next"}) {
    EXPECT_NE(status["answers"][question]["word"], "") << question;
    EXPECT_NE(status["answers"][question]["standing"], "") << question;
  }
  EXPECT_NE(status["answers"]["headline"], "");
  EXPECT_TRUE(status["conditions"][0]["commands"].is_array());
  EXPECT_EQ(status["objectives"]["maxDowntimeMilliseconds"], 300'000);
}

TEST_F(ApiTest, ErrorsAreProblemDocuments) {
  start();
  EXPECT_EQ(json(ask("GET", "/nowhere"))["status"], 404);
  const auto refused = ask("DELETE", "/metrics");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.at("Allow"), "GET, HEAD");
  EXPECT_EQ(ask("GET", "/api/v1/actions/apply").headers.at("Allow"), "POST");
}

}  // namespace
}  // namespace tandem
