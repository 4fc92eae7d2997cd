// `tandem replicate` against an operator that answers as told: whatever happens to it, the command
// ends, and says what it knows.
#include "app/commands/copy_errand.h"

#include <gmock/gmock.h>

#include "app/replication_api.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_http.h"
#include "tests/run.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;
using testing::HasSubstr;
using How = CopyEnding::How;

constexpr const char* kUrl = "http://127.0.0.1:9877";

class CopyErrandTest : public testing::Test {
 protected:
  CopyErrandTest() {
    http.on("GET", std::string(kUrl) + ReplicationApi::kPath, [this](const HttpRequest&) {
      if (looks < answers.size()) ++looks;
      return answers.at(looks - 1);
    });
    http.on("POST", std::string(kUrl) + ReplicationApi::kActions[1],
            [this](const HttpRequest& request) -> Result<HttpResponse> {
              cancels.push_back(request.body);
              return HttpResponse{200, {}, R"({"cancelled": 1})"};
            });
  }

  static OrderedJson kind(std::uint64_t run, bool running, const OrderedJson& more = {}) {
    OrderedJson json = {{"running", running}, {"run", run}, {"held", nullptr}, {"last", nullptr}};
    if (more.is_object()) json.update(more);
    return json;
  }
  static OrderedJson result(const char* word) { return {{"last", {{"result", word}}}}; }
  void answer(const OrderedJson& database, std::size_t times = 1) {
    const OrderedJson json = {{"observedAt", "x"}, {"replication", {{"database", database}}}};
    for (; times > 0; --times) answers.emplace_back(HttpResponse{200, {}, json.dump()});
  }
  void fail(Fault fault) { answers.emplace_back(Error{fault, "nobody listens"}); }

  CopyEnding end() {
    const CopyRuns runs{{"database", 5}};
    const auto endings = run(io, errand.wait(runs));
    return endings.at("database");
  }

  boost::asio::io_context io;
  fakes::FakeClock clock;
  FakeHttp http;
  OperatorClient client{http, OperatorConfig{}, [](const std::string&) { return success(); }};
  std::vector<Result<HttpResponse>> answers;
  std::size_t looks = 0;
  std::vector<std::string> cancels;
  int shown = 0;
  CopyErrand errand{{client, clock, "token", [this](const OrderedJson&, const CopyRuns&) {
                       if (++shown == interrupt_at) errand.interrupt();
                     }}};
  int interrupt_at = 0;
};

TEST_F(CopyErrandTest, WaitsForTheRunThatWasOrderedAndNotForTheOneBefore) {
  answer(kind(4, true), 3);
  answer(kind(4, false, result("failed")));
  answer(kind(5, true, result("failed")), 3);
  answer(kind(5, false, result("equal")));
  EXPECT_TRUE(end().good());
  EXPECT_EQ(shown, 8);
}

TEST_F(CopyErrandTest, TakesTheResultOfALaterRunWhereItMissedTheEnd) {
  answer(kind(7, true, result("partial")));
  EXPECT_TRUE(end().good());
}

TEST_F(CopyErrandTest, GivesTheOrderWithTheTokenAndTheReasonOfARefusal) {
  const std::string path = std::string(kUrl) + ReplicationApi::kActions[0];
  http.on("POST", path, HttpResponse{202, {}, R"({"runs": {"database": 5, "files": 2}})"});
  const auto runs = run(io, errand.give("{}"));
  ASSERT_TRUE(runs.ok());
  EXPECT_EQ(runs.value(), (CopyRuns{{"database", 5}, {"files", 2}}));
  EXPECT_EQ(http.sent.back().headers.at("Authorization"), "Bearer token");
  http.on("POST", path, HttpResponse{409, {}, R"({"detail": "copies are made by pbx-a"})"});
  const auto refused = run(io, errand.give("{}"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "copies are made by pbx-a");
}

TEST_F(CopyErrandTest, GivesUpAnOperatorThatIsGone) {
  answer(kind(5, true));
  fail(Fault::connection_refused);
  const auto before = clock.now();
  const auto ending = end();
  EXPECT_EQ(ending.how, How::unknown);
  EXPECT_THAT(ending.why, HasSubstr("does not answer any more: nobody listens; `tandem status`"));
  EXPECT_LE(clock.now() - before, CopyErrand::kSilenceMax + std::chrono::seconds{1});
}

TEST_F(CopyErrandTest, BearsAnOperatorThatIsSilentForAMoment) {
  answer(kind(5, true));
  fail(Fault::timed_out);
  answer(kind(5, false, result("equal")));
  EXPECT_TRUE(end().good());
}

TEST_F(CopyErrandTest, KnowsAnOperatorThatWasStartedAnew) {
  answer(kind(5, true));
  answer(kind(1, true));
  EXPECT_THAT(end().why, HasSubstr("started anew"));
}

TEST_F(CopyErrandTest, TellsWhatHoldsTheCopy) {
  answer(kind(4, false, {{"held", {{"reason", "SecondaryServes"}, {"message", "pbx-b serves"}}}}));
  const auto ending = end();
  EXPECT_EQ(ending.how, How::not_begun);
  EXPECT_EQ(ending.why, "pbx-b serves");
}

TEST_F(CopyErrandTest, ABlinkOfBeingHeldIsNoEnd) {
  answer(kind(4, false, {{"held", {{"reason", "X"}, {"message", "from before the order"}}}}));
  answer(kind(5, false, result("equal")));
  EXPECT_TRUE(end().good());
}

TEST_F(CopyErrandTest, DoesNotWaitForARunThatSomebodyElseCancelled) {
  answer(kind(4, false));
  EXPECT_EQ(end().how, How::not_begun);
}

TEST_F(CopyErrandTest, SeesANodeThatMakesNoCopiesAnyMore) {
  answer(kind(5, true));
  answers.emplace_back(HttpResponse{200, {}, R"({"replication": {"holds": null}})"});
  EXPECT_THAT(end().why, HasSubstr("makes no copies any more"));
}

TEST_F(CopyErrandTest, ASignalCancelsWhatWasOrderedAndWaitsForItsEnd) {
  interrupt_at = 2;
  answer(kind(5, true), 4);
  answer(kind(5, false, {{"last", {{"result", "failed"}, {"reason", "Cancelled"}}}}));
  const auto ending = end();
  EXPECT_EQ(ending.how, How::ended);
  EXPECT_EQ(cancels, std::vector<std::string>{R"({"kinds":["database"]})"});
  EXPECT_TRUE(errand.interrupted());
}

TEST_F(CopyErrandTest, WaitsForACancelledCopyNoLongerThanItsLimit) {
  interrupt_at = 1;
  answer(kind(5, true));
  const auto before = clock.now();
  EXPECT_THAT(end().why, HasSubstr("has not ended yet"));
  EXPECT_GE(clock.now() - before, CopyErrand::kCancelMax);
  EXPECT_LE(clock.now() - before, CopyErrand::kCancelMax + std::chrono::seconds{1});
}

TEST_F(CopyErrandTest, ASecondSignalWaitsNoLonger) {
  errand.interrupt();
  interrupt_at = 1;
  answer(kind(5, true));
  const auto before = clock.now();
  EXPECT_EQ(end().how, How::unknown);
  EXPECT_LE(clock.now() - before, std::chrono::seconds{1});
}

TEST_F(CopyErrandTest, SaysThatTheCopyMayGoOnWhereItCouldNotBeCancelled) {
  http.on("POST", kUrl, Error{Fault::connection_refused, "nobody listens"});
  errand.interrupt();
  EXPECT_THAT(end().why, HasSubstr("may go on: nobody listens"));
}

}  // namespace
}  // namespace tandem
