// The list of what was changed while the secondary served, as a person reads it.
#include "app/commands/divergence_rows.h"

#include <gtest/gtest.h>

#include "app/divergence_document.h"

namespace tandem {
namespace {

Divergence some() {
  Divergence divergence;
  ServedTime time;
  time.id = 2;
  time.node = "pbx-b";
  time.since = "2026-11-26T10:00:00Z";
  time.journalled_at = "2026-11-26T11:00:00Z";
  time.rows = 5;
  divergence.times.push_back(time);
  FeatureChange change;
  change.served = 2;
  change.user_uuid = "u7";
  change.user_name = "Anna Ünal";
  change.feature = UserFeature::forward_busy;
  change.secondary = {true, "5551234"};
  divergence.changes.push_back(change);
  divergence.others = {{2, "auth_refresh_token", "added", 3}, {2, "moh", "absent", 1}};
  return divergence;
}

TEST(DivergenceText, TellsTimesUsersTablesAndWhatToDo) {
  const auto text = divergence_text(Terminal(false), divergence_document(some()), false);
  EXPECT_EQ(text,
            "SERVED  NODE   SINCE                 KEPT                  ROWS  STATE  REASON\n"
            "2       pbx-b  2026-11-26T10:00:00Z  2026-11-26T11:00:00Z  5     waits  -\n"
            "\n"
            "SERVED  USER       FEATURE            PRIMARY  SECONDARY   STATE    MESSAGE\n"
            "2       Anna Ünal  forward when busy  off      to 5551234  pending  -\n"
            "\n"
            "SERVED  TABLE               KIND                   ROWS  WHAT\n"
            "2       auth_refresh_token  added                  3     sessions of applications; "
            "users log in again; nobody needs to look\n"
            "2       moh                 absent, cause unknown  1     -\n"
            "\n"
            "carry back: tandem divergence --apply forwards, on the primary\n"
            "give up all that waits, files too: tandem divergence --discard --reason TEXT\n");
}

TEST(DivergenceText, TellsThatNothingIsThere) {
  const Terminal out(false);
  EXPECT_EQ(divergence_text(out, nullptr, false),
            "nothing is copied between the nodes by Tandem\n");
  EXPECT_EQ(divergence_text(out, divergence_document({}), false),
            "the secondary has not served since Tandem keeps what is changed there\n");
}

TEST(DivergenceText, IsHonestAboutTheBeginning) {
  Divergence divergence = some();
  divergence.times[0].late = true;
  divergence.times[0].journalled_at.clear();
  const auto text = divergence_text(Terminal(false), divergence_document(divergence), false);
  EXPECT_NE(text.find("at the latest 2026-11-26T10:00:00Z"), std::string::npos) << text;
  EXPECT_NE(text.find("not kept yet"), std::string::npos) << text;
}

TEST(DivergenceText, ShowsEachRowWhenAsked) {
  auto document = divergence_document(some());
  document["rows"] = journal_rows_document({{2, "moh", "changed", "4711", "label, name"}});
  EXPECT_EQ(divergence_text(Terminal(false), document, false).find("4711"), std::string::npos);
  const auto text = divergence_text(Terminal(false), document, true);
  EXPECT_NE(text.find("2       moh    changed  4711  label, name\n"), std::string::npos) << text;
  EXPECT_NE(text.find("u7"), std::string::npos);
}

// Names and numbers are for those who may give orders.
TEST(DivergenceDocument, TheSummaryNamesNobody) {
  const std::string text = divergence_summary(some()).dump();
  EXPECT_EQ(text.find("Anna"), std::string::npos);
  EXPECT_EQ(text.find("5551234"), std::string::npos);
  EXPECT_NE(text.find("\"forwards\":1"), std::string::npos) << text;
}

}  // namespace
}  // namespace tandem
