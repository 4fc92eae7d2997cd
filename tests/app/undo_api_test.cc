// The API of undo, in-process: a real keeper, a database and an undo that a test scripts.
#include "app/undo_api.h"

#include <gmock/gmock.h>

#include "app/documents.h"
#include "app/replication_document.h"
#include "ports/spawn.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_sql.h"
#include "tests/run.h"

namespace tandem {
namespace {

using testing::HasSubstr;

class UndoApiTest : public testing::Test {
 protected:
  UndoApiTest() {
    where.secondary.dsn = "host=192.0.2.11";
    sql.servers["host=192.0.2.11"] = [this](const SqlTarget&, const SqlStatement&) {
      return answer;
    };
  }

  ServedResponse post(const char* path, const std::string& body = "") {
    ServedRequest request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    return api.post(request);
  }
  ServedResponse undo(const std::string& body) { return post(UndoApi::kActions[0], body); }
  static OrderedJson json(const ServedResponse& response) {
    return OrderedJson::parse(response.body, nullptr, false);
  }
  static Result<SqlRows> kept_rows() {
    SqlRows rows;
    rows.rows = {
        {"kept", "3", "2026-11-26T17:00:00Z", "by schedule", "2", "7", "300", "moh\nusers"},
        {"kept", "4", "2026-11-26T17:30:00Z", "forced: why", "1", "9", "400", "moh"},
        {"hold", "5", "2026-11-26T18:00:00Z", "", "root on pbx-b", "2026-11-26T19:00:00Z",
         std::nullopt, std::nullopt}};
    return rows;
  }

  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::FakeSql sql;
  UndoOrder where;
  std::optional<Error> no_order;
  Result<SqlRows> answer = kept_rows();
  UndoKeeper keeper{
      {clock,
       sql,
       [](const UndoOrder&, std::stop_token, const ProgressSink&) { return UndoOutcome(); },
       [this]() -> Result<UndoOrder> {
         if (no_order) return *no_order;
         return where;
       },
       [] { return true; },
       [] {},
       {}}};
  UndoApi api{&keeper, clock};
};

TEST_F(UndoApiTest, ListsWhatIsKeptNewestFirst) {
  const auto list = json(run(io, api.get()));
  ASSERT_EQ(list["items"].size(), 2U);
  EXPECT_EQ(list["items"][0]["number"], 4);
  EXPECT_EQ(list["items"][0]["cause"], "forced: why");
  EXPECT_EQ(list["items"][1]["tables"], OrderedJson::array({"moh", "users"}));
  EXPECT_EQ(list["items"][1]["bytes"], 300);
  EXPECT_EQ(list["hold"]["by"], "root on pbx-b");
  EXPECT_TRUE(list["hold"]["reason"].is_null());
  EXPECT_TRUE(list["time"].is_string());
}

TEST_F(UndoApiTest, SaysWhyNothingCanBeTold) {
  answer = Error{Fault::timed_out, "no answer"};
  EXPECT_EQ(run(io, api.get()).status, 503);
  no_order = Error{Fault::invalid, "Tandem does not copy here"};
  EXPECT_EQ(run(io, api.get()).status, 409);
  UndoApi none(nullptr, clock);
  EXPECT_EQ(run(io, none.get()).status, 503);
}

TEST_F(UndoApiTest, TakesAnOrderAndTellsTheNumberOfTheRun) {
  const auto taken = undo(R"({"reason": "the wrong backup", "by": "root on pbx-a"})");
  EXPECT_EQ(taken.status, 202);
  EXPECT_EQ(json(taken)["runs"], (OrderedJson{{"undo", 1}}));
  const auto second = undo("");
  EXPECT_EQ(second.status, 409);
  EXPECT_THAT(second.body, HasSubstr("another undo"));
  EXPECT_EQ(json(post(UndoApi::kActions[1]))["cancelled"], 1);
  EXPECT_EQ(json(post(UndoApi::kActions[1]))["cancelled"], 0);
  no_order = Error{Fault::invalid, "spec.replication.database.mode is stream"};
  EXPECT_THAT(undo("").body, HasSubstr("is stream"));
}

TEST_F(UndoApiTest, AnOrderMustBeWellFormed) {
  for (const std::string& body :
       {std::string("["), std::string("[]"), std::string(R"({"reason": 1})"),
        std::string(R"({"number": "4"})"), std::string(R"({"force": "x"})"),
        R"({"reason": ")" + std::string(501, 'x') + "\"}",
        R"({"by": ")" + std::string(201, 'x') + "\"}"})
    EXPECT_EQ(undo(body).status, 422) << body.substr(0, 60);
  EXPECT_EQ(json(post(UndoApi::kActions[1]))["cancelled"], 0) << "nothing was ordered";
}

}  // namespace
}  // namespace tandem
