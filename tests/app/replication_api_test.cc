// The API of the copies, in-process: real keepers, copies that a test scripts.
#include "app/replication_api.h"

#include <gmock/gmock.h>

#include "app/documents.h"
#include "ports/spawn.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_sql.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

// Takes as long as it is told, unless it is aborted.
class ScriptedCopier : public Copier {
 public:
  ScriptedCopier(Clock& clock, CopyKind kind)
      : clock_(clock), kind_(kind), wake_(clock.make_signal()), end_(clock.make_signal()) {}

  Task<CopyTold> run(CopyAsk ask) override {
    asked.push_back(ask);
    running_ = true;
    aborted_ = false;
    co_await clock_.wait(*end_, clock_.now() + lasts);
    running_ = false;
    CopyTold told = result;
    if (aborted_) {
      told.result = CopyResult::failed;
      told.reason = "Cancelled";
    }
    co_return told;
  }
  CopyKind kind() const override { return kind_; }
  void abort() override {
    aborted_ = true;
    if (running_) end_->notify();
  }
  void forget() override {}
  std::optional<CopyMeter> meter() const override {
    if (!running_) return std::nullopt;
    return CopyMeter{"comparing", "cel", 12, 109, 5, 10, "rows", 64};
  }
  Signal& wake() override { return *wake_; }
  Instant due(const HAPair&, Instant begun) const override { return begun + std::chrono::hours{1}; }
  void follow(const HAPair*) override {}
  std::vector<Condition> conditions() const override { return {}; }

  seconds lasts{2};
  CopyTold result;
  std::vector<CopyAsk> asked;

 private:
  Clock& clock_;
  CopyKind kind_;
  std::unique_ptr<Signal> wake_, end_;
  bool running_ = false, aborted_ = false;
};

class ReplicationApiTest : public testing::Test {
 protected:
  ReplicationApiTest() {
    disk.directories = {"/var/lib/tandem"};
    pair.primary.name = "pbx-a";
    pair.secondary.name = "pbx-b";
    pair.replication.owner = Owner::tandem;
    situation.pair = &pair;
    situation.role = Role::primary;
    situation.state = NodeState::serving;
    for (ScriptedCopier* copier : {&database, &files}) {
      copier->result.result = CopyResult::equal;
      copier->result.message = "109 tables equal, hash 0123";
      copier->result.parts = {{"equal", 109}};
      copier->result.took = std::chrono::milliseconds{340};
    }
  }
  ~ReplicationApiTest() override {
    keeper.stop();
    pass(seconds{1});
  }

  void start() {
    spawn(io.get_executor(), keeper.run(), [](const std::string& why) { FAIL() << why; });
    pass(seconds{10});  // the first copies
  }
  Task<void> pause(seconds time) {
    auto signal = clock.make_signal();
    co_await clock.wait(*signal, clock.now() + time);
  }
  void pass(seconds time) { run(io, pause(time)); }

  ServedResponse post(const char* path, const std::string& body = "") {
    ServedRequest request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    return api.post(request);
  }
  ServedResponse replicate(const std::string& body = "") {
    return post(ReplicationApi::kActions[0], body);
  }
  ServedResponse cancel(const std::string& body = "") {
    return post(ReplicationApi::kActions[1], body);
  }
  static OrderedJson json(const ServedResponse& response) {
    return OrderedJson::parse(response.body, nullptr, false);
  }
  OrderedJson shown() { return json(api.get(clock.wall()))["replication"]; }

  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::MemoryFilesystem disk;
  fakes::FakeSql sql;
  HAPair pair;
  CopySituation situation;
  bool target = false;
  ScriptedCopier database{clock, CopyKind::database}, files{clock, CopyKind::files};
  ReplicationKeeper keeper{{clock,
                            disk,
                            "/var/lib/tandem",
                            {&database, &files},
                            [this] { return situation; },
                            [](Product) { return false; },
                            [] {},
                            {}}};
  DirectionKeeper direction{{clock, sql, [] { return Result<SqlTarget>(SqlTarget{}); },
                             [] { return DirectionSaid{}; },
                             [] { return std::optional<std::int64_t>(); }, [] {}}};
  ReplicationApi api{CopyKeepers{keeper, direction, [this] { return target; }}, clock};
};

TEST_F(ReplicationApiTest, ShowsHowEachKindStands) {
  start();
  const auto told = shown()["database"];
  EXPECT_EQ(told["running"], false);
  EXPECT_EQ(told["run"], 1);
  EXPECT_TRUE(told["progress"].is_null());
  EXPECT_TRUE(told["held"].is_null());
  EXPECT_EQ(told["proof"], "109 tables equal, hash 0123");
  EXPECT_TRUE(told["lastSuccess"].is_string());
  EXPECT_TRUE(told["lastChange"].is_null()) << "nothing was to be copied";
  EXPECT_TRUE(told["next"].is_string());
  EXPECT_EQ(told["last"]["result"], "equal");
  EXPECT_TRUE(told["last"]["reason"].is_null());
  EXPECT_EQ(told["last"]["tookMilliseconds"], 340);
  EXPECT_EQ(told["last"]["parts"]["equal"], 109);
  EXPECT_FALSE(shown().contains("holds"));
}

TEST_F(ReplicationApiTest, TakesAnOrderAndTellsTheNumberOfEachRun) {
  start();
  const auto answer = replicate();
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(json(answer)["runs"], (OrderedJson{{"database", 2}, {"files", 2}}));
  pass(seconds{1});
  EXPECT_EQ(shown()["database"]["running"], true);
  EXPECT_EQ(shown()["database"]["progress"]["partsDone"], 12);
  pass(seconds{2});
  EXPECT_EQ(shown()["database"]["run"], 2);
  EXPECT_EQ(shown()["database"]["running"], false);
  EXPECT_TRUE(database.asked.back().everything) << "an order compares everything";
}

TEST_F(ReplicationApiTest, CarriesKindReasonAndConfirmationToTheCopy) {
  start();
  EXPECT_EQ(json(replicate(R"({"kinds": ["files"], "force": "it was restored",
                               "confirmDirection": true})"))["runs"],
            (OrderedJson{{"files", 2}}));
  pass(seconds{5});
  EXPECT_EQ(database.asked.size(), 1U);
  EXPECT_EQ(files.asked.back().force, "it was restored");
  EXPECT_TRUE(files.asked.back().confirm_direction);
}

TEST_F(ReplicationApiTest, AnOrderMustBeWellFormed) {
  start();
  for (const std::string& body :
       {std::string("["), std::string("[]"), std::string(R"({"kinds": []})"),
        std::string(R"({"kinds": ["voicemail"]})"), std::string(R"({"kinds": "files"})"),
        std::string(R"({"kinds": [1]})"), std::string(R"({"force": ""})"),
        std::string(R"({"force": true})"), std::string(R"({"confirmDirection": 1})"),
        std::string(R"({"undo": true})"), R"({"force": ")" + std::string(501, 'x') + "\"}"}) {
    const auto answer = replicate(body);
    EXPECT_EQ(answer.status, 422) << body.substr(0, 60);
    EXPECT_EQ(answer.headers.at("Content-Type"), "application/problem+json");
  }
  for (const std::string& body :
       {std::string(R"({"kinds": []})"), std::string(R"({"force": "x"})"), std::string("1")})
    EXPECT_EQ(cancel(body).status, 422) << body;
  EXPECT_EQ(database.asked.size(), 1U) << "only the first copy";
}

TEST_F(ReplicationApiTest, RefusesWithTheReason) {
  start();
  situation.role = Role::secondary;
  const auto elsewhere = replicate();
  EXPECT_EQ(elsewhere.status, 409);
  EXPECT_THAT(json(elsewhere)["detail"].get<std::string>(), HasSubstr("the primary, pbx-a"));
  situation.role = Role::primary;
  situation.kept_direction = "pbx-b to pbx-a";
  const auto turned = replicate();
  EXPECT_EQ(turned.status, 409);
  EXPECT_THAT(turned.body, HasSubstr("tandem replicate --confirm-direction"));
  EXPECT_EQ(replicate(R"({"confirmDirection": true})").status, 202);
  EXPECT_EQ(replicate(R"({"confirmDirection": true})").status, 409) << "one waits already";
}

TEST_F(ReplicationApiTest, CancelsTheKindsThatAreNamed) {
  start();
  database.lasts = files.lasts = seconds{100};
  ASSERT_EQ(replicate().status, 202);
  pass(seconds{1});
  EXPECT_EQ(json(cancel(R"({"kinds": ["files"]})"))["cancelled"], 1);
  pass(seconds{1});
  EXPECT_EQ(shown()["files"]["running"], false);
  EXPECT_EQ(shown()["files"]["last"]["reason"], "Cancelled");
  EXPECT_EQ(shown()["database"]["running"], true);
  EXPECT_EQ(json(cancel())["cancelled"], 1);
  pass(seconds{1});
  EXPECT_EQ(shown()["database"]["running"], false);
  EXPECT_EQ(json(cancel())["cancelled"], 0);
}

TEST_F(ReplicationApiTest, TellsWhatHoldsTheCopies) {
  start();
  situation.state = NodeState::maintenance;
  pass(seconds{5});
  EXPECT_EQ(shown()["database"]["held"]["reason"], "NotServing");
  EXPECT_TRUE(shown()["database"]["next"].is_null());
}

TEST_F(ReplicationApiTest, ASecondaryTellsWhatItHolds) {
  situation.role = Role::secondary;
  target = true;
  EXPECT_TRUE(shown()["holds"].is_null());
  EXPECT_FALSE(shown().contains("database"));
  target = false;
  EXPECT_TRUE(shown().is_null()) << "nothing is copied here";
}

TEST_F(ReplicationApiTest, SaysThatThisNodeMakesNoCopies) {
  ReplicationApi none(std::nullopt, clock);
  ServedRequest request;
  request.path = ReplicationApi::kActions[0];
  EXPECT_EQ(none.post(request).status, 503);
  EXPECT_TRUE(json(none.get(clock.wall()))["replication"].is_null());
}

// A keeper whose secondary owes what the test says, and never reaches anybody.
class HarvestApiTest : public ReplicationApiTest {
 protected:
  HarvestApiTest() {
    spawn(io.get_executor(), harvest.run(), [](const std::string& why) { FAIL() << why; });
    pass(seconds{1});
  }
  ~HarvestApiTest() override {
    harvest.stop();
    pass(seconds{3});
  }
  Task<Result<std::string>> answer(std::string verb) {
    asked.push_back(verb);
    if (verb == "tandem harvest-home 7") there.owed.owed = false;
    co_return harvest::to_text(there);
  }
  Task<harvest::FetchReport> fail_to_fetch() {
    harvest::FetchReport report;
    report.reason = "DiskFull";
    report.trouble = "there is no room; make some";
    co_return report;
  }
  static Task<Status> done() { co_return success(); }
  static Task<void> nothing() { co_return; }
  static Task<harvest::MergeReport> merge() { co_return harvest::MergeReport(); }
  ServedResponse order(const std::string& body = "") {
    ServedRequest request;
    request.method = "POST";
    request.path = "/api/v1/actions/harvest";
    request.body = body;
    return both.post(request);
  }
  OrderedJson shown_harvest() { return json(both.get(clock.wall()))["replication"]["harvest"]; }

  harvest::OwedAnswer there{{7, WallTime(seconds{1'700'000'000}), true}, true};
  std::vector<std::string> asked;
  HarvestKeeper harvest{HarvestKeeper::Parts{
      clock, disk, "/var/lib/tandem", [this] { return situation; },
      [this](SshEnds, std::string verb) { return answer(std::move(verb)); },
      [this](harvest::FetchOrder) { return fail_to_fetch(); }, [] { return done(); }, [] {},
      [](harvest::HarvestTree, harvest::MergeOrder) { return merge(); }, [] { return done(); },
      [](harvest::HarvestTree) { return nothing(); }}};
  ReplicationApi both{CopyKeepers{.keeper = keeper,
                                  .direction = direction,
                                  .is_target = [] { return false; },
                                  .harvest = &harvest},
                      clock};
};

TEST_F(HarvestApiTest, TellsWhatWaitsAndGivesItUpForAReason) {
  EXPECT_EQ(shown_harvest()["owed"], true);
  EXPECT_EQ(shown_harvest()["since"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(shown_harvest()["held"]["reason"], "HarvestPending");
  EXPECT_EQ(shown_harvest()["last"]["reason"], "DiskFull");
  EXPECT_EQ(order(R"({"discard": true, "reason": "a drill", "by": "root"})").status, 202);
  pass(seconds{3});
  EXPECT_EQ(shown_harvest()["owed"], false);
  EXPECT_EQ(shown_harvest()["last"]["result"], "discarded");
  EXPECT_EQ(order(R"({"discard": true, "reason": "again"})").status, 202) << "it is so already";
  EXPECT_TRUE(ReplicationApi::orders("/api/v1/actions/harvest"));
}

TEST_F(HarvestApiTest, TriesNowAndRefusesElsewhere) {
  const auto before = asked.size();
  EXPECT_EQ(order().status, 202);
  pass(seconds{3});
  EXPECT_GT(asked.size(), before);
  situation.role = Role::secondary;
  const auto refused = order();
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(json(refused)["detail"].get<std::string>(), HasSubstr("the primary, pbx-a"));
}

TEST_F(HarvestApiTest, AnOrderMustBeWellFormed) {
  for (const std::string& body :
       {std::string("["), std::string(R"({"discard": true})"), std::string(R"({"reason": "x"})"),
        std::string(R"({"discard": "yes", "reason": "x"})"), std::string(R"({"other": 1})"),
        R"({"discard": true, "reason": ")" + std::string(501, 'x') + "\"}"})
    EXPECT_EQ(order(body).status, 422) << body.substr(0, 60);
  EXPECT_EQ(shown_harvest()["owed"], true);
}

}  // namespace
}  // namespace tandem
