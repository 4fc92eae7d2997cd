#include "app/peer_api.h"

#include <gtest/gtest.h>

#include "app/api.h"
#include "core/order_text.h"
#include "core/peer_word_text.h"
#include "tests/core/peer_samples.h"
#include "tests/fakes/fake_http.h"
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

using Names = std::vector<std::string>;
const std::vector<Names> kReaders{Names{"pbx-b"}, Names{"monitor"}, Names{}};
const std::vector<Names> kOthers{Names{"monitor"}, Names{"pbx-a"}, Names{"PBX-B"},
                                 Names{"pbx-b.example"}, Names{}};

// Node pbx-a; the other one is pbx-b.
class PeerApiTest : public World {
 protected:
  PeerApiTest() {
    orders = [this](Order order) { return carry_out(std::move(order)); };
  }

  Task<Result<std::string>> carry_out(Order order) {
    carried.push_back(std::move(order));
    co_return outcome;
  }

  ServedRequest request(const std::string& method, const std::string& path,
                        std::vector<std::string> names = {"pbx-b"}) const {
    ServedRequest request;
    request.method = method;
    request.path = path;
    request.from_loopback = true;
    request.over_tls = true;
    request.certificate_names = std::move(names);
    return request;
  }
  ServedResponse ask(ServedRequest request) {
    if (!keeper) {
      const auto own = [] {
        PeerWord word;
        word.node = "pbx-a";
        return word;
      };
      keeper = std::make_unique<PeerKeeper>(
          PeerKeeperParts{clock, &http, disk, specs, "pbx-a", std::nullopt, "9878", own, {}});
      peer = std::make_unique<PeerApi>(PeerApiParts{*keeper, specs, own, orders});
      api = std::make_unique<OperatorApi>(ApiParts{clock, *loop, metrics, plan_resources, "pbx-a",
                                                   std::string(kToken), failover, nullptr,
                                                   peer.get()});
    }
    return run(io, api->answer(std::move(request)));
  }
  ServedResponse order(const std::string& body, std::vector<std::string> names = {"pbx-b"}) {
    auto posted = request("POST", kPeerOrdersPath, std::move(names));
    posted.body = body;
    return ask(std::move(posted));
  }

  FakeHttp http;
  Metrics metrics{{"ha-conf"}, "1", "r"};
  std::vector<std::unique_ptr<Managed>> plan_resources;
  OrderSink orders;
  std::vector<Order> carried;
  Result<std::string> outcome = std::string("done");
  std::unique_ptr<PeerKeeper> keeper;
  FailoverApi failover{FailoverApi::Parts{clock, nullptr, nullptr, {}, {}}};
  std::unique_ptr<PeerApi> peer;
  std::unique_ptr<OperatorApi> api;
};

TEST_F(PeerApiTest, TellsItsWordToEverybodyWhoMayRead) {
  start_in_force();
  for (const auto& names : kReaders) {
    const auto answer = ask(request("GET", kPeerPath, names));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(parse_peer_word(answer.body).value().node, "pbx-a");
  }
}

TEST_F(PeerApiTest, GivesThePairsFileToTheOtherNodeAlone) {
  start_in_force();
  EXPECT_EQ(ask(request("GET", kPairFilePath)).body, pair_yaml());
  for (const auto& names : kOthers)
    EXPECT_EQ(ask(request("GET", kPairFilePath, names)).status, 403);
  auto plain = request("GET", kPairFilePath);
  plain.over_tls = false;
  EXPECT_EQ(ask(plain).status, 403) << "names count only where a certificate was shown";
}

TEST_F(PeerApiTest, GivesNoFileThatIsNotInForce) {
  start_in_force();
  edit_pair(pair_yaml("  enabled: false\n"));
  pass(std::chrono::seconds{1});
  EXPECT_EQ(ask(request("GET", kPairFilePath)).body, pair_yaml()) << "the edit waits";
}

TEST_F(PeerApiTest, CarriesOutAnOrderOfTheOtherNode) {
  start_in_force();
  const auto ack = samples::order(Order::Kind::ack);
  const auto answer = order(to_text(ack));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(nlohmann::json::parse(answer.body)["message"], "done");
  EXPECT_EQ(carried, std::vector<Order>{ack});
}

TEST_F(PeerApiTest, TakesNoOrderFromAnybodyElse) {
  start_in_force();
  const auto text = to_text(samples::order(Order::Kind::takeover));
  EXPECT_EQ(order(text, {"monitor"}).status, 403);
  EXPECT_EQ(order(text, {"pbx-a"}).status, 403);
  auto plain = request("POST", kPeerOrdersPath);
  plain.over_tls = false;
  plain.body = text;
  plain.headers["Authorization"] = std::string("Bearer ") + kToken;
  EXPECT_EQ(ask(plain).status, 403) << "nor over the plain listener with the token";
  EXPECT_TRUE(carried.empty());
}

TEST_F(PeerApiTest, ABrokenOrderIsNotCarriedOut) {
  start_in_force();
  EXPECT_EQ(order("{}").status, 422);
  EXPECT_EQ(order("").status, 422);
  EXPECT_TRUE(carried.empty());
}

TEST_F(PeerApiTest, SaysWhyAnOrderWasNotCarriedOut) {
  start_in_force();
  outcome = Error{Fault::invalid, "nobody would serve"};
  const auto refused = order(to_text(samples::order(Order::Kind::ack)));
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("nobody would serve"), std::string::npos);
  outcome = Error{Fault::unavailable, "the disk is full"};
  EXPECT_EQ(order(to_text(samples::order(Order::Kind::ack))).status, 503);
}

TEST_F(PeerApiTest, AnOperatorWithoutOrdersSaysSo) {
  start_in_force();
  orders = {};
  EXPECT_EQ(order(to_text(samples::order(Order::Kind::ack))).status, 501);
}

// The token of a node that is known on the other one opens nothing there.
TEST_F(PeerApiTest, ACertificateMayReadAndNoMore) {
  start_in_force();
  auto apply = request("POST", "/api/v1/actions/apply");
  apply.headers["Authorization"] = std::string("Bearer ") + kToken;
  apply.body = "{}";
  EXPECT_EQ(ask(apply).status, 403);
  EXPECT_EQ(ask(request("GET", "/api/v1/pair", {"monitor"})).status, 200);
  EXPECT_EQ(ask(request("DELETE", kPeerPath)).status, 405);
  EXPECT_EQ(ask(request("GET", kPeerOrdersPath)).headers.at("Allow"), "POST");
}

TEST_F(PeerApiTest, TheStatusShowsTheOtherNode) {
  start_in_force();
  const auto shown = [this] {
    return nlohmann::json::parse(ask(request("GET", "/api/v1/pair")).body)["status"]["peer"];
  };
  EXPECT_EQ(shown()["node"], "pbx-b");
  EXPECT_EQ(shown()["link"], "Unknown");
  EXPECT_EQ(shown()["word"], nullptr);
  PeerWord word;
  word.pair = "montreal";
  word.node = "pbx-b";
  word.state = NodeState::standby;
  http.on("GET", "https://192.0.2.11:9878", HttpResponse{200, {}, to_text(word)});
  spawn(io.get_executor(), keeper->run(), [](const std::string& why) { FAIL() << why; });
  pass(std::chrono::seconds{1});
  EXPECT_EQ(shown()["link"], "Answers");
  EXPECT_EQ(shown()["word"]["state"], "Standby");
  http.on("GET", "https://192.0.2.11:9878", Error{Fault::timed_out, "no answer"});
  pass(std::chrono::seconds{10});
  EXPECT_EQ(shown()["link"], "Silent");
  EXPECT_EQ(shown()["reason"], "no answer");
  EXPECT_EQ(shown()["word"]["state"], "Standby") << "what it said last, with the time";
  EXPECT_TRUE(shown().contains("lastHeardTime"));
  keeper->stop();
  pass(std::chrono::seconds{1});
}

TEST_F(PeerApiTest, TheMetricTellsUntilWhenTheCertificatesCount) {
  start_in_force();
  EXPECT_EQ(ask(request("GET", "/metrics")).body.find("certificate="), std::string::npos);
  peer->expiry = {{"node", WallTime{std::chrono::seconds{1'800'000'000}}}};
  clock.time += OperatorApi::kMetricsAge;
  EXPECT_NE(ask(request("GET", "/metrics"))
                .body.find(
                    "tandem_certificate_expiry_timestamp_seconds{certificate=\"node\"} 1800000000"),
            std::string::npos);
}

}  // namespace
}  // namespace tandem
