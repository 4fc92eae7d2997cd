// What the API takes and tells of the changes made while the secondary served.
#include "app/divergence_api.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_sql.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

constexpr const char* kSecondary = "host=10.0.0.2 user=tandem";

class DivergenceApiTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  DivergenceApiTest() {
    pair.primary.name = "pbx-a";
    situation.pair = &pair;
    situation.is_primary = situation.serves = true;
    sql.servers[kSecondary] = [this](const SqlTarget&, const SqlStatement& statement) {
      return serve(statement);
    };
  }
  // A secondary that has served once; one user changed a forward.
  Result<SqlRows> serve(const SqlStatement& statement) {
    const auto asks = [&](const char* what) {
      return statement.text.find(what) != std::string::npos;
    };
    SqlRows rows;
    if (asks("order by id desc"))
      rows.rows = {{"1", "pbx-b", "7", "2026-11-26T10:00:00Z", "f", "2026-11-26T11:00:00Z", "1", "",
                    "", "", ""}};
    else if (asks("for share"))
      rows.rows = {{"1", "0"}};
    else if (asks("concat_ws"))
      rows.rows = {{"1", "u7", "Anna", "f", "0", "0", "0", "0", "", "", "0", "0", "", "", "1", "0",
                    "5551234", ""}};
    return rows;
  }
  ServedResponse get(bool trusted, std::string query = "") {
    return run(api.get(std::move(query), trusted));
  }
  int post(std::string body) { return run(api.post(std::move(body))).status; }

  HAPair pair;
  DivergenceKeeper::Situation situation;
  fakes::FakeSql sql;
  UserSettings settings{http, auth, "http://127.0.0.1:9486/1.1"};
  DivergenceKeeper keeper{{clock,
                           sql,
                           settings,
                           [this] { return situation; },
                           [](const HAPair&) -> Result<SqlTarget> {
                             return SqlTarget{kSecondary, "secret"};
                           },
                           [] {},
                           {}}};
  DivergenceApi api{&keeper, clock};
};

TEST_F(DivergenceApiTest, TellsNamesOnlyToWhoCarriesTheToken) {
  const ServedResponse all = get(true);
  EXPECT_EQ(all.status, 200);
  EXPECT_NE(all.body.find("5551234"), std::string::npos) << all.body;
  const ServedResponse numbers = get(false);
  EXPECT_EQ(numbers.status, 200);
  EXPECT_NE(numbers.body.find("\"forwards\": 1"), std::string::npos) << numbers.body;
  EXPECT_EQ(numbers.body.find("Anna"), std::string::npos);
}

TEST_F(DivergenceApiTest, TakesWellFormedOrdersOnly) {
  for (const char* body :
       {"", "[]", "{}", R"({"apply": []})", R"({"apply": ["voicemail"]})", R"({"discard": true})",
        R"({"reason": "x"})", R"({"apply": ["dnd"], "discard": true, "reason": "x"})",
        R"({"discard": true, "reason": "x", "user": "u7"})", R"({"apply": "dnd"})",
        R"({"apply": ["dnd"], "more": 1})", R"({"discard": true, "reason": ""})"})
    EXPECT_EQ(post(body), 422) << body;
  EXPECT_EQ(post(R"({"discard": true, "reason": "seen", "by": "root on pbx-a"})"), 200);
}

TEST_F(DivergenceApiTest, RefusesWhatThisNodeCanNotDo) {
  situation.is_primary = false;
  EXPECT_EQ(post(R"({"apply": ["dnd"]})"), 409);
  situation.pair = nullptr;
  EXPECT_EQ(post(R"({"discard": true, "reason": "seen"})"), 409);
  DivergenceApi none(nullptr, clock);
  EXPECT_EQ(run(none.post(R"({"apply": ["dnd"]})")).status, 503);
}

TEST_F(DivergenceApiTest, SaysSoWhereTheSecondarysDatabaseDoesNotAnswer) {
  sql.errors[kSecondary] = Error{Fault::connection_refused, "nobody listens"};
  EXPECT_EQ(get(true).status, 503);
  EXPECT_EQ(get(false).status, 200);
}

}  // namespace
}  // namespace tandem
