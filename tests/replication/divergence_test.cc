// From a user's forward on the serving secondary to the primary's own services: two real servers,
// and the stand-in for the vendor's.
#include <nlohmann/json.hpp>

#include "ports/cpprest_http.h"
#include "ports/spawn.h"
#include "reconciler/replication/divergence_keeper.h"
#include "tests/ports/temporary_folder.h"
#include "tests/replication/takeover_world.h"
#include "tests/wazo_sim/simulator.h"

namespace tandem {
namespace {

using nlohmann::json;

class Listener : public Observer {
 public:
  std::vector<DivergenceTold> told;
  void reported(const Report&) override {}
  void condition_changed(const Condition&) override {}
  void spec_rejected(std::string_view) override {}
  void spec_accepted(std::string_view) override {}
  void divergence_told(const DivergenceTold& what) override { told.push_back(what); }
};

wazo_sim::Options vendor_options(const std::string& folder) {
  wazo_sim::Options options;
  options.root = folder + "/root";
  options.state = folder + "/state";
  std::filesystem::create_directories(options.root);
  std::filesystem::create_directories(options.state);
  return options;
}

class DivergenceTest : public TakeoverTest {
 protected:
  DivergenceTest() {
    pair_.name = "montreal";
    pair_.primary.name = "pbx-a";
    pair_.secondary.name = "pbx-b";
    situation_.pair = &pair_;
    situation_.is_primary = situation_.serves = true;
    for (const char* user : {"u7", "u8", "u9"}) subscriber(user);
  }

  std::string url(const std::string& service) const {
    return "http://127.0.0.1:" + std::to_string(vendor_.port(service));
  }
  json call(const std::string& method, const std::string& where, const json& body = {}) {
    HttpRequest request;
    request.method = method;
    request.url = where;
    if (!body.is_null()) request.body = body.dump();
    request.headers["Content-Type"] = "application/json";
    const auto answer = tandem::run(io_, http_.send(std::move(request)));
    EXPECT_TRUE(answer.ok()) << where;
    return answer.ok() ? json::parse(answer.value().body, nullptr, false) : json();
  }
  void subscriber(const std::string& uuid) {
    call("POST", url("control") + "/subscribers", {{"uuid", uuid}});
  }
  json subscriber_of_vendor(const std::string& uuid) {
    const json state = call("GET", url("control") + "/state");
    for (const auto& one : state["confd"]["subscribers"])
      if (one["uuid"] == uuid) return one;
    return {};
  }

  // A takeover with these statements on the secondary, and the copy after it.
  void serve_with(const std::string& statements) {
    take_over();
    secondary_.psql(statements);
    fail_back();
    const CopyOutcome outcome = copy();
    ASSERT_TRUE(outcome.succeeded()) << describe(outcome);
  }
  Divergence read() {
    auto found = tandem::run(io_, keeper_.read());
    EXPECT_TRUE(found.ok()) << found.error().message;
    return found.value();
  }
  Result<CarryTold> carry(std::set<std::string> groups, bool force = false) {
    CarryOrder order;
    order.groups = std::move(groups);
    order.force = force;
    order.by = "root on pbx-a";
    return tandem::run(io_, keeper_.carry(std::move(order)));
  }
  std::string states() {
    std::string text;
    for (const auto& one : read().changes)
      text += one.user_uuid + " " + std::string(row_of(one.feature).name) + " " +
              describe(one.feature, one.primary) + " -> " + describe(one.feature, one.secondary) +
              ": " + one.state + (one.state == "conflict" ? ", " + one.message : "") + "\n";
    return text;
  }

  TemporaryFolder folder_;
  wazo_sim::Simulator vendor_{vendor_options(folder_.path())};
  CpprestHttp http_{io_, std::nullopt};
  Auth auth_{http_, clock_, url("auth") + "/0.1", [] { return Credentials{"tandem", "tandem"}; }};
  UserSettings settings_{http_, auth_, url("confd") + "/1.1"};
  HAPair pair_;
  DivergenceKeeper::Situation situation_;
  Listener listener_;
  DivergenceKeeper keeper_{
      {clock_,
       sql_,
       settings_,
       [this] { return situation_; },
       [this](const HAPair&) -> Result<SqlTarget> { return target(secondary_.dsn("tandem")); },
       [] {},
       {&listener_}}};
};

constexpr const char* kForward =
    "update userfeatures set enableunc = 1, destunc = '5551234' where id = 7";

TEST_F(DivergenceTest, ListsByUserAndFeatureWhatWasChanged) {
  serve_with(std::string(kForward) +
             "; update userfeatures set enablednd = 1, description = 'x' where id = 8; insert into "
             "extensions (context, exten) values ('default', '5555'); insert into "
             "auth_refresh_token values ('r', 'u1')");
  EXPECT_EQ(states(),
            "u7 forwards.unconditional off -> to 5551234: pending\nu8 dnd off -> on: pending\n");
  const Divergence found = read();
  EXPECT_EQ(found.changes[0].user_name, "Ünal 7");
  EXPECT_EQ(found.waiting(),
            (std::map<std::string, std::uint64_t>{{"dnd", 1}, {"forwards", 1}, {"other", 2}}));
  std::string others;
  for (const auto& one : found.others)
    others += one.table + " " + one.kind + " " + std::to_string(one.rows) + "\n";
  EXPECT_EQ(others, "auth_refresh_token added 1\nextensions added 1\nuserfeatures changed 1\n")
      << "of the users the one in whom more than that was changed";
  const auto rows = tandem::run(io_, keeper_.rows());
  ASSERT_EQ(rows.value().size(), 4U);
  EXPECT_EQ(rows.value()[0].table, "auth_refresh_token");
  EXPECT_EQ(rows.value()[0].key, kKeyNotShown) << "who knows it is logged in";
  EXPECT_EQ(rows.value()[2].key, "7");
  EXPECT_EQ(rows.value()[2].columns, "destunc, enableunc");
  const Condition open = keeper_.conditions().at(0);
  EXPECT_EQ(open.reason, "ChangesWait");
  EXPECT_FALSE(is_well(open));
}

TEST_F(DivergenceTest, CarriesBackByThePrimarysServicesOnceAndThenNothingWaits) {
  serve_with(kForward);
  const auto told = carry({"forwards"});
  ASSERT_TRUE(told.ok()) << told.error().message;
  EXPECT_EQ(describe(told.value()), "1 change carried back");
  EXPECT_EQ(subscriber_of_vendor("u7")["forwards"]["unconditional"],
            (json{{"enabled", true}, {"destination", "5551234"}}));
  EXPECT_EQ(subscriber_of_vendor("u7")["forwards"]["busy"]["enabled"], false);
  EXPECT_EQ(states(), "u7 forwards.unconditional off -> to 5551234: applied\n");
  EXPECT_FALSE(read().waits());
  EXPECT_EQ(read().times.front().ended_how, "nothing waits any more");
  EXPECT_EQ(keeper_.conditions().at(0).reason, "NothingWaits");
  EXPECT_EQ(listener_.told.back().reason, "ChangesCarriedBack");
  EXPECT_EQ(describe(carry({"forwards"}).value()), "0 changes carried back");
}

TEST_F(DivergenceTest, WhatThePrimaryHasOfItsOwnStaysUnlessAPersonSaysOtherwise) {
  take_over();
  secondary_.psql(std::string(kForward) + "; update userfeatures set enablednd = 1 where id = 8");
  primary_.psql("update userfeatures set description = 'edited there' where id = 7");
  fail_back();
  ASSERT_TRUE(copy().succeeded());
  const auto told = carry({"dnd", "forwards"});
  EXPECT_EQ(told.value().conflicts, 1);
  EXPECT_EQ(told.value().applied, 1);
  EXPECT_FALSE(told.value().complete());
  EXPECT_EQ(subscriber_of_vendor("u7")["forwards"]["unconditional"]["enabled"], false);
  EXPECT_EQ(states(),
            "u7 forwards.unconditional off -> to 5551234: conflict, the primary changed this user "
            "after the last copy\nu8 dnd off -> on: applied\n");
  EXPECT_TRUE(read().waits());
  EXPECT_EQ(carry({"forwards"}, true).value().applied, 1);
  EXPECT_EQ(subscriber_of_vendor("u7")["forwards"]["unconditional"]["enabled"], true);
  EXPECT_EQ(read().waiting(),
            (std::map<std::string, std::uint64_t>{{"dnd", 0}, {"forwards", 0}, {"other", 1}}))
      << "the description is another on the primary";
}

TEST_F(DivergenceTest, AUserWhoIsGoneIsTold) {
  serve_with("update userfeatures set enablednd = 1 where id = 20");
  EXPECT_EQ(carry({"dnd"}).value().gone, 1);
  EXPECT_EQ(states(), "u20 dnd off -> on: gone\n");
}

TEST_F(DivergenceTest, WhatAServiceThatFailsLeavesIsDoneTheNextTime) {
  serve_with("update userfeatures set enablednd = 1 where id in (7, 8, 9)");
  call("POST", url("control") + "/faults",
       {{"service", "confd"},
        {"kind", "burst_503"},
        {"method", "PUT"},
        {"path_prefix", "/1.1/users/u8"}});
  const auto told = carry({"dnd"});
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told.value().applied, 2) << "one for whom it fails keeps nobody else waiting";
  EXPECT_EQ(told.value().left, 1);
  EXPECT_NE(told.value().error, "");
  EXPECT_TRUE(listener_.told.back().warning);
  call("DELETE", url("control") + "/faults");
  EXPECT_EQ(carry({"dnd"}).value().applied, 1);
  EXPECT_EQ(subscriber_of_vendor("u8")["dnd"]["enabled"], true);
  EXPECT_EQ(subscriber_of_vendor("u9")["dnd"]["enabled"], true);
}

TEST_F(DivergenceTest, AServiceThatFailsForAllIsNotAskedForEachOfThem) {
  serve_with("update userfeatures set enablednd = 1 where id between 11 and 20");
  for (int user = 11; user <= 20; ++user) subscriber("u" + std::to_string(user));
  call("POST", url("control") + "/faults",
       {{"service", "confd"}, {"kind", "committed_500"}, {"method", "PUT"}});
  EXPECT_EQ(carry({"dnd"}).value().left, 10);
  call("DELETE", url("control") + "/faults");
  const auto told = carry({"dnd"});
  EXPECT_EQ(told.value().already, Carrier::kFailuresInARow);
  EXPECT_EQ(told.value().applied, 10 - Carrier::kFailuresInARow);
}

// Nobody knows whether it was done: the next time finds it.
TEST_F(DivergenceTest, WhatWasDoneInSpiteOfAnErrorIsNoConflict) {
  serve_with("update userfeatures set enablednd = 1 where id = 7");
  call("POST", url("control") + "/faults",
       {{"service", "confd"}, {"kind", "committed_500"}, {"method", "PUT"}, {"count", 1}});
  EXPECT_EQ(carry({"dnd"}).value().left, 1);
  EXPECT_EQ(carry({"dnd"}).value().already, 1);
  EXPECT_FALSE(read().waits());
}

TEST_F(DivergenceTest, OfTwoTakeoversTheLaterValueCounts) {
  serve_with(kForward);
  serve_with("update userfeatures set enableunc = 1, destunc = '777' where id = 7");
  EXPECT_EQ(states(),
            "u7 forwards.unconditional off -> to 777: pending\n"
            "u7 forwards.unconditional off -> to 5551234: superseded\n");
  EXPECT_EQ(carry({"forwards"}).value().applied, 1);
  EXPECT_EQ(subscriber_of_vendor("u7")["forwards"]["unconditional"]["destination"], "777");
  EXPECT_FALSE(read().waits());
}

TEST_F(DivergenceTest, TheDeclarationHasItDoneByItself) {
  pair_.replication.harvest_features = {"forwards"};
  serve_with(std::string(kForward) + "; update userfeatures set enablednd = 1 where id = 8");
  spawn(io_.get_executor(), keeper_.run(), [](const std::string& why) { FAIL() << why; });
  for (int i = 0; i < 100 && listener_.told.empty(); ++i)
    io_.restart(), io_.run_for(std::chrono::milliseconds{50});
  EXPECT_EQ(subscriber_of_vendor("u7")["forwards"]["unconditional"]["enabled"], true);
  EXPECT_EQ(subscriber_of_vendor("u8")["dnd"]["enabled"], false) << "not asked for";
  keeper_.stop();
  io_.restart();
  io_.run_for(std::chrono::milliseconds{50});
}

TEST_F(DivergenceTest, NothingIsGivenUpWhileTheSecondaryServes) {
  take_over();
  secondary_.psql(kForward);
  EXPECT_NE((read(), keeper_.owed()), "");
  const auto refused = tandem::run(io_, keeper_.discard("root on pbx-a", "it was a test"));
  EXPECT_EQ(refused.error().fault, Fault::invalid);
  EXPECT_EQ(open_activations(), "1");
  fail_back();
  EXPECT_EQ(tandem::run(io_, keeper_.discard("root on pbx-a", "it was a test")).value(), 1);
  EXPECT_EQ((read(), keeper_.owed()), "");
  EXPECT_FALSE(copy().journalled);
  EXPECT_EQ(content(primary_), content(secondary_));
  EXPECT_EQ(secondary_.psql("select ended_how, ended_by, reason from tandem.activation"),
            "discarded|root on pbx-a|it was a test");
  EXPECT_EQ(listener_.told.back().reason, "ChangesGivenUp");
}

TEST_F(DivergenceTest, WhatWasKeptStaysReadableWhenItIsGivenUp) {
  serve_with(kForward);
  EXPECT_EQ(tandem::run(io_, keeper_.discard("root on pbx-b", "seen")).value(), 1);
  EXPECT_FALSE(read().waits());
  EXPECT_EQ(states(), "u7 forwards.unconditional off -> to 5551234: pending\n");
  EXPECT_EQ(carry({"forwards"}).value().applied, 0);
}

TEST_F(DivergenceTest, OnlyThePrimaryCarriesBackAndOnlyWhileItServes) {
  serve_with(kForward);
  situation_.is_primary = false;
  EXPECT_EQ(carry({"forwards"}).error().message,
            "changes are carried back by the primary's own services: run this on pbx-a");
  situation_.is_primary = true;
  situation_.serves = false;
  EXPECT_EQ(carry({"forwards"}).error().fault, Fault::invalid);
  situation_.pair = nullptr;
  EXPECT_EQ(carry({"forwards"}).error().fault, Fault::invalid);
}

TEST_F(DivergenceTest, ATimeInWhichNothingWasChangedIsOver) {
  serve_with("select 1");
  CarryOrder order;
  order.groups = {"dnd"};
  EXPECT_TRUE(tandem::run(io_, keeper_.carry(order)).ok());
  EXPECT_EQ(read().times.front().ended_how, "nothing was changed");
}

}  // namespace
}  // namespace tandem
