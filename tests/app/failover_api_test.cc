// The API of takeover and failback, in-process: the real desk and handlers, a sink that a test
// scripts, events in memory.
#include "app/failover_api.h"

#include <gmock/gmock.h>

#include "app/api.h"
#include "app/documents.h"
#include "reconciler/event_recorder.h"
#include "tests/fakes/memory_event_store.h"
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using testing::HasSubstr;

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";
constexpr const char* kBody = R"({"id": "0123456789abcdef", "reason": "a test", "by": "me"})";

class FailoverApiTest : public World {
 protected:
  FailoverApiTest() {
    facts.node = "pbx-b";
    facts.peer = "pbx-a";
    facts.role = Role::secondary;
    facts.state = NodeState::standby;
    facts.verdict = PrimaryVerdict::host_down;
    start();
    api = std::make_unique<OperatorApi>(
        ApiParts{clock, *loop, metrics, plan_resources, "pbx-b", std::string(kToken), failover});
  }

  ServedResponse ask(const std::string& method, const std::string& path,
                     const std::string& query = "", const std::string& body = "",
                     const std::string& token = kToken, bool from_loopback = true) {
    ServedRequest request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    request.from_loopback = from_loopback;
    if (!token.empty()) request.headers["Authorization"] = "Bearer " + token;
    return run(io, api->answer(std::move(request)));
  }
  ServedResponse order(const std::string& action, const std::string& body = kBody) {
    return ask("POST", "/api/v1/actions/" + action, "", body);
  }
  static nlohmann::json json(const ServedResponse& response) {
    return nlohmann::json::parse(response.body, nullptr, false);
  }

  Task<Result<std::string>> carry_out(Order one) {
    carried_out.push_back(std::move(one));
    co_return outcome;
  }

  void add_event(const std::string& message, std::chrono::seconds ago) {
    Event event;
    event.at = event.last = clock.wall() - ago;
    event.reason = "Test";
    event.object = "resource/x";
    event.message = message;
    events.add(std::move(event));
  }

  Metrics metrics{{"ha-conf"}, "1", "r"};
  std::vector<std::unique_ptr<Managed>> plan_resources;
  fakes::MemoryEventStore events;
  EventRecorder recorder{events, clock, "pbx-b"};
  OrderFacts facts;
  std::vector<Order> carried_out;
  Result<std::string> outcome = std::string("pbx-b takes over");
  OrderDesk desk{{clock,
                  [this] { return facts; },
                  [this](Order one) { return carry_out(std::move(one)); },
                  {},
                  nullptr,
                  {&recorder}}};
  std::optional<Why> why;
  std::vector<ProbeRow> probes;
  FailoverApi failover{{clock, &events, &desk, [this] { return why; }, [this] { return probes; }}};
  std::unique_ptr<OperatorApi> api;
};

TEST_F(FailoverApiTest, TakesAnOrderToTheEngineAndAnswersWithItsSentence) {
  const auto answer = order("takeover");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json(answer)["result"], "pbx-b takes over");
  ASSERT_EQ(carried_out.size(), 1U);
  EXPECT_EQ(carried_out[0].kind, Order::Kind::takeover);
  EXPECT_EQ(carried_out[0].reason, "a test");
  EXPECT_EQ(carried_out[0].by, "me");
  ASSERT_EQ(events.kept.size(), 1U);
  EXPECT_EQ(events.kept[0].reason, "OrderAccepted");
}

TEST_F(FailoverApiTest, AnOrderNeedsTheTokenAndTheNodeItself) {
  for (const char* action :
       {"takeover", "failback", "switchover", "suspend", "resume", "maintenance", "ack"}) {
    const std::string path = std::string("/api/v1/actions/") + action;
    EXPECT_EQ(ask("POST", path, "", kBody, "").status, 401) << action;
    EXPECT_EQ(ask("POST", path, "", kBody, "wrong").status, 401) << action;
    EXPECT_EQ(ask("POST", path, "", kBody, kToken, false).status, 403) << action;
    EXPECT_EQ(ask("GET", path).status, 405) << action;
  }
  EXPECT_TRUE(carried_out.empty());
}

TEST_F(FailoverApiTest, SaysWhetherAnOrderWasNeededOrRefused) {
  facts.state = NodeState::active;
  const auto needless = order("takeover");
  EXPECT_EQ(needless.status, 202);
  EXPECT_EQ(json(needless)["needed"], false);
  const auto refused = order("failback", R"({"id": "another-id", "reason": "a test"})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.headers.at("Content-Type"), "application/problem+json");
  EXPECT_THAT(json(refused)["detail"].get<std::string>(), HasSubstr("nobody would serve"));
  const auto elsewhere =
      order("switchover", R"({"id": "a-third-id", "reason": "a test", "for": "10m"})");
  EXPECT_EQ(elsewhere.status, 409);
  EXPECT_THAT(json(elsewhere)["detail"].get<std::string>(), HasSubstr("pbx-a"));
  EXPECT_TRUE(carried_out.empty());
}

TEST_F(FailoverApiTest, ReadsAnEndAsADurationOrATime) {
  facts.verdict = PrimaryVerdict::serving;
  ASSERT_EQ(order("suspend", R"({"id": "suspend-one", "reason": "x", "for": "1h30m"})").status,
            200);
  EXPECT_EQ(carried_out.back().until, clock.wall() + std::chrono::minutes{90});
  const std::string until = rfc3339(clock.wall() + std::chrono::hours{2});
  ASSERT_EQ(
      order("maintenance", R"({"id": "mainten-one", "reason": "x", "until": ")" + until + "\"}")
          .status,
      200);
  EXPECT_EQ(rfc3339(carried_out.back().until), until);
  facts.state = NodeState::maintenance;
  ASSERT_EQ(order("maintenance", R"({"id": "mainten-two", "reason": "x", "end": true})").status,
            200);
  EXPECT_EQ(carried_out.back().kind, Order::Kind::end_maintenance);
}

TEST_F(FailoverApiTest, AnOrderMustBeWellFormed) {
  const std::string id = R"("id": "0123456789abcdef")";
  for (const std::string& body :
       {std::string("[]"), std::string("{"), std::string("{}"), "{" + id + "}",
        "{" + id + R"(, "reason": ""})", "{" + id + R"(, "reason": "a\u001b[2J"})",
        "{" + id + R"(, "reason": 1})", "{" + id + R"(, "reason": "x", "surprise": 1})",
        "{" + id + R"(, "reason": "x", "for": "1h"})",
        "{" + id + R"(, "reason": "x", "end": true})",
        "{" + id + R"(, "reason": "x", "takeOver": true})",
        std::string(R"({"id": "x", "reason": "x"})"),
        "{" + id + R"(, "reason": ")" + std::string(10'000, 'x') + "\"}"})
    EXPECT_EQ(order("takeover", body).status, 422) << body.substr(0, 100);
  for (const std::string& more :
       {std::string(), std::string(R"(, "for": "8d")"), std::string(R"(, "for": "0s")"),
        std::string(R"(, "for": "9999999999999d")"), std::string(R"(, "for": "soon")"),
        std::string(R"(, "until": "2001-01-01T00:00:00Z")"),
        std::string(R"(, "until": "tomorrow")"),
        std::string(R"(, "for": "1h", "until": "2030-01-01T00:00:00Z")")})
    EXPECT_EQ(order("suspend", "{" + id + R"(, "reason": "x")" + more + "}").status, 422) << more;
  EXPECT_TRUE(carried_out.empty());
  EXPECT_EQ(order("end-maintenance").status, 404);
  EXPECT_EQ(order("reboot").status, 404);
}

// It lay in the queue of an operator that hung.
TEST_F(FailoverApiTest, DropsAnOrderThatComesTooLate) {
  const auto body = [&](const std::string& id, std::chrono::seconds from_now) {
    return R"({"id": ")" + id + R"(", "reason": "x", "for": "1h", "notAfter": ")" +
           rfc3339(clock.wall() + from_now) + "\"}";
  };
  const auto late = order("suspend", body("suspend-one", -std::chrono::seconds{1}));
  EXPECT_EQ(late.status, 422);
  EXPECT_NE(late.body.find("too late"), std::string::npos);
  EXPECT_TRUE(carried_out.empty());
  EXPECT_EQ(order("suspend", body("suspend-two", std::chrono::seconds{20})).status, 200);
  EXPECT_EQ(order("suspend", R"({"id": "s-three", "reason": "x", "notAfter": "soon"})").status,
            422);
}

TEST_F(FailoverApiTest, TellsHowFarAnOrderIs) {
  EXPECT_EQ(ask("GET", "/api/v1/orders", "id=0123456789abcdef").status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/orders").status, 422);
  order("takeover");
  EXPECT_EQ(json(ask("GET", "/api/v1/orders", "id=0123456789abcdef"))["progress"], "UnderWay");
  facts.state = NodeState::active;
  EXPECT_EQ(json(ask("GET", "/api/v1/orders", "id=0123456789abcdef"))["progress"], "Done");
}

TEST_F(FailoverApiTest, ListsEventsByIdAndByAge) {
  add_event("old", std::chrono::hours{2});
  add_event("young", std::chrono::minutes{5});
  add_event("new", std::chrono::seconds{1});
  const auto all = json(ask("GET", "/api/v1/events", "", "", ""));
  EXPECT_EQ(all["items"].size(), 3U);
  EXPECT_EQ(all["items"][2]["message"], "new");
  EXPECT_EQ(all["lastId"], 3);
  EXPECT_EQ(json(ask("GET", "/api/v1/events", "since=1h"))["items"].size(), 2U);
  EXPECT_EQ(json(ask("GET", "/api/v1/events", "since=1&limit=1"))["items"][0]["message"], "young");
  EXPECT_EQ(json(ask("GET", "/api/v1/events", "limit=1"))["items"][0]["message"], "new");
}

TEST_F(FailoverApiTest, RefusesOddQueries) {
  for (const char* query : {"since=", "since=-1", "since=soon", "limit=0", "limit=1001", "limit=x",
                            "id=1", "since=1&since=2", "since=%31", "limit=99999999999999999999"})
    EXPECT_EQ(ask("GET", "/api/v1/events", query).status, 422) << query;
  EXPECT_EQ(ask("GET", "/api/v1/events", "since=99999999999d").status, 200) << "since ever";
}

TEST_F(FailoverApiTest, SaysThatEventsCanNotBeRead) {
  events.trouble = Error{Fault::unavailable, "disk I/O error"};
  const auto answer = ask("GET", "/api/v1/events");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("disk I/O error"));
}

TEST_F(FailoverApiTest, ListsTakeovers) {
  TakeoverRecord record;
  record.epoch = 4;
  record.cause = TakeoverCause::host_down;
  record.began = clock.wall();
  record.ended = record.began + std::chrono::milliseconds{6'500};
  record.steps = {{"marker", std::chrono::milliseconds{12}}};
  record.downtime = std::chrono::milliseconds{16'000};
  record.result = "own SIP answers";
  events.add(record);
  record.epoch = 5;
  record.result.clear();
  events.add(record);
  const auto list = json(ask("GET", "/api/v1/takeovers"));
  ASSERT_EQ(list["items"].size(), 2U);
  EXPECT_EQ(list["items"][0]["milliseconds"], 6500);
  EXPECT_EQ(list["items"][0]["steps"][0]["name"], "marker");
  EXPECT_TRUE(list["items"][1]["endTime"].is_null());
}

TEST_F(FailoverApiTest, TellsWhyAndWhatIsMeasured) {
  EXPECT_EQ(ask("GET", "/api/v1/why").status, 503);
  why.emplace();
  why->sentence = "would take over in 4 s";
  why->guards.push_back({"confirmed", "silent for 6 s", "10 s", false, clock.wall()});
  const auto told = json(ask("GET", "/api/v1/why"));
  EXPECT_EQ(told["sentence"], "would take over in 4 s");
  EXPECT_EQ(told["guards"][0]["threshold"], "10 s");
  ProbeRow row;
  row.probe = "icmp";
  row.target = "192.0.2.10";
  row.attempts = 3;
  probes.push_back(row);
  const auto list = json(ask("GET", "/api/v1/probes"));
  EXPECT_EQ(list["items"][0]["attempts"], 3);
  EXPECT_TRUE(list["items"][0]["ageMilliseconds"].is_null());
}

}  // namespace
}  // namespace tandem
