// How the copies stand, as a person reads it in `tandem status` and `tandem get replication`.
#include "app/commands/copy_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

const Terminal kPlain(false);
const OrderedJson kNow = "2026-11-26T12:00:00Z";

// A primary after a partial run that took 340 ms; both nodes were seen equal 4 minutes ago.
OrderedJson kind_document() {
  return OrderedJson::parse(R"({
    "running": false, "run": 13, "progress": null, "held": null,
    "lastSuccess": "2026-11-26T11:59:40Z", "lastProof": "2026-11-26T11:56:00Z",
    "lastChange": "2026-11-26T10:00:00Z",
    "proof": "109 tables equal, hash 0123456789abcdef; nothing was to be copied",
    "next": "2026-11-26T12:00:40Z",
    "last": {"result": "partial", "reason": null, "message": "partial, 3 tables looked at",
             "canBeForced": false, "ended": "2026-11-26T11:59:40Z", "tookMilliseconds": 340,
             "bytes": 2048, "changed": 1204, "parts": {"equal": 3}, "notes": ["odd: not known"]}})");
}

OrderedJson refused() {
  OrderedJson kind = kind_document();
  kind["last"]["result"] = "refused";
  kind["last"]["reason"] = "Shrunk";
  kind["last"]["message"] = "a table has shrunk: userfeatures";
  kind["last"]["canBeForced"] = true;
  return kind;
}

std::string block(const OrderedJson& replication, bool wide = false) {
  return replication_block(kPlain, replication, kNow, wide);
}

std::string listed(const OrderedJson& replication, bool wide = false) {
  const auto list = replication_list({{"observedAt", kNow}, {"replication", replication}});
  return table(kPlain, replication_headers(wide), replication_rows(list, wide));
}

TEST(HarvestRows, TellWhatWaitsAndWhatCame) {
  OrderedJson harvest = OrderedJson::parse(R"({
    "known": true, "owed": false, "since": null, "running": false,
    "lastSuccess": "2026-11-26T11:50:00Z", "held": null,
    "last": {"result": "home", "reason": null, "message": "3 messages came home from pbx-b",
             "ended": "2026-11-26T11:50:00Z", "tookMilliseconds": 900, "bytes": 10, "changed": 3}})");
  EXPECT_THAT(block({{"harvest", harvest}}),
              HasSubstr("harvest   nothing waits to come home, the last came 10m ago\n"
                        "            3 messages came home from pbx-b\n"));
  EXPECT_THAT(listed({{"harvest", harvest}}), HasSubstr("3 messages came home from pbx-b"));
  harvest["owed"] = true;
  harvest["held"] = {{"reason", "HarvestPending"}, {"message", "it waits for a reason"}};
  EXPECT_THAT(block({{"harvest", harvest}}), HasSubstr("has not come home"));
  EXPECT_THAT(block({{"harvest", harvest}}), HasSubstr("it waits for a reason"));
  EXPECT_THAT(block({{"harvest", {{"known", false}}}}), HasSubstr("not known yet"));
}

TEST(CopyTexts, GroupDigitsAndChooseUnits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'203'400), "1,203,400");
  EXPECT_EQ(short_count(9'999), "9,999");
  EXPECT_EQ(short_count(85'999), "85K");
  EXPECT_EQ(short_count(1'203'400), "1.20M");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1'300'000), "1.2 MiB");
  EXPECT_EQ(took_text(340), "340ms");
  EXPECT_EQ(took_text(3'400), "3.4s");
  EXPECT_EQ(took_text(130'000), "2m10s");
}

TEST(CopyTexts, TellHowFarARunIs) {
  OrderedJson meter = {{"phase", "comparing"}, {"object", "cel"},   {"partsDone", 12},
                       {"parts", 109},         {"done", 1'203'400}, {"total", 4'000'000},
                       {"unit", "rows"},       {"bytes", 0}};
  EXPECT_EQ(meter_text(meter), "comparing 12/109 tables, 1.20M of 4.00M rows (cel)");
  meter["total"] = 10;
  EXPECT_EQ(meter_text(meter), "comparing 12/109 tables, 1.20M rows (cel)") << "a bad guess";
  const OrderedJson files = {{"phase", "copying"}, {"object", nullptr}, {"partsDone", 1},
                             {"parts", 8},         {"done", 1024},      {"total", 2048},
                             {"unit", "bytes"},    {"bytes", 1024}};
  EXPECT_EQ(meter_text(files), "copying 1/8 folders, 1.0 KiB of 2.0 KiB");
}

TEST(CopyBlock, TellsProofAgeDurationChangeAndNextRun) {
  EXPECT_EQ(
      block({{"database", kind_document()}}),
      "Replication\n"
      "  database  proven 4m ago: 109 tables equal, hash 0123456789abcdef\n"
      "            copied 20s ago, the last run took 340ms, last change 2h ago, next in 40s\n");
}

TEST(CopyBlock, TellsWhyARunWasRefusedAndTheRemedy) {
  const auto text = block({{"database", refused()}});
  EXPECT_THAT(text, HasSubstr("refused, Shrunk: a table has shrunk: userfeatures\n"));
  EXPECT_THAT(text, HasSubstr("tandem replicate database --force REASON\n"));
}

TEST(CopyBlock, TellsWhatHoldsTheCopiesRatherThanTheOldResult) {
  OrderedJson kind = refused();
  kind["held"] = {{"reason", "SecondaryServes"}, {"message", "pbx-b is Active"}};
  const auto text = block({{"database", kind}});
  EXPECT_THAT(text, HasSubstr("held, SecondaryServes: pbx-b is Active\n"));
  EXPECT_THAT(text, Not(HasSubstr("--force")));
}

TEST(CopyBlock, TellsHowFarARunIs) {
  OrderedJson kind = kind_document();
  kind["running"] = true;
  kind["progress"] = {{"phase", "comparing"}, {"object", "cel"}, {"partsDone", 1},
                      {"parts", 9},           {"done", 5},       {"total", 10},
                      {"unit", "rows"},       {"bytes", 0}};
  EXPECT_THAT(block({{"files", kind}}), HasSubstr("now: comparing 1/9 tables, 5 of 10 rows (cel)"));
}

TEST(CopyBlock, SaysThatNothingWasEverCopied) {
  const OrderedJson kind = {{"running", false}, {"run", 0}, {"held", nullptr}, {"last", nullptr}};
  EXPECT_EQ(block({{"database", kind}}), "Replication\n  database  never copied\n");
}

TEST(CopyBlock, TellsMoreWhereItIsWide) {
  const auto text = block({{"database", kind_document()}}, true);
  EXPECT_THAT(text, HasSubstr("partial at 2026-11-26T11:59:40Z, 1,204 changed, 2.0 KiB over"));
  EXPECT_THAT(text, HasSubstr("note: odd: not known"));
}

TEST(CopyBlock, TellsWhatTheSecondaryHolds) {
  const OrderedJson holds = {{"primary", "pbx-a"},
                             {"lastProof", "2026-11-26T11:58:00Z"},
                             {"tables", 109},
                             {"hash", "0123456789abcdef0123456789abcdef"}};
  EXPECT_EQ(block({{"holds", holds}}),
            "Replication\n"
            "  database  of pbx-a, proven equal 2m ago: 109 tables, hash 0123456789abcdef\n");
  EXPECT_THAT(block({{"holds", holds}}, true), HasSubstr("0123456789abcdef0123456789abcdef\n"));
  EXPECT_THAT(block({{"holds", nullptr}}), HasSubstr("no copy of the primary's database"));
}

TEST(CopyBlock, IsNotThereWhereNothingIsCopied) {
  EXPECT_EQ(block(nullptr), "");
  EXPECT_EQ(block(OrderedJson::object()), "");
}

TEST(CopyBlock, LetsNoMessageSteerTheTerminal) {
  OrderedJson kind = refused();
  kind["last"]["message"] = "a\x1b[2Jb";
  kind["proof"] = "c\x1b[2Jd";
  EXPECT_EQ(block({{"database", kind}}).find('\x1b'), std::string::npos);
}

TEST(CopyTable, HasARowForEachKind) {
  const auto text = listed({{"database", refused()}, {"files", kind_document()}});
  EXPECT_THAT(text,
              HasSubstr("KIND      RESULT   AGE      PROVEN  TOOK   CHANGED  NEXT  MESSAGE\n"));
  EXPECT_THAT(text, HasSubstr("database  refused  20s ago  4m ago  340ms  1,204    40s   a table"));
  EXPECT_THAT(text,
              HasSubstr("files     partial  20s ago  4m ago  340ms  1,204    40s   partial,"));
  EXPECT_THAT(listed({{"files", kind_document()}}, true), HasSubstr("2.0 KiB  3 equal"));
}

TEST(CopyTable, TellsWhatTheSecondaryHolds) {
  const OrderedJson holds = {{"primary", "pbx-a"},
                             {"lastProof", "2026-11-26T11:58:00Z"},
                             {"tables", 109},
                             {"hash", "0123"}};
  EXPECT_THAT(listed({{"holds", holds}}),
              HasSubstr("database  holds   -    2m ago  -     -        -     what pbx-a had: 109"));
  EXPECT_THAT(listed({{"holds", nullptr}}), HasSubstr("holds nothing"));
}

TEST(CopyTable, IsEmptyWhereNothingIsCopied) {
  EXPECT_TRUE(replication_list({{"observedAt", kNow}, {"replication", nullptr}})["items"].empty());
}

OrderedJson undo_document() {
  return OrderedJson::parse(R"({
    "running": false, "run": 1, "progress": null, "last": null,
    "kept": {"generations": 3, "bytes": 1300000, "hold": null}})");
}

TEST(CopyRows, TellsWhatHoldsTheCopiesAfterAnUndo) {
  OrderedJson replication = {{"holds", nullptr}, {"undo", undo_document()}};
  EXPECT_THAT(block(replication), Not(HasSubstr("undo")));
  EXPECT_THAT(block(replication, true), HasSubstr("3 generations kept for an undo, 1.2 MiB"));
  replication["undo"]["kept"]["hold"] = {{"generation", 4},
                                         {"takenAt", "2026-11-26T11:00:00Z"},
                                         {"undoneAt", "2026-11-26T11:58:00Z"},
                                         {"by", "root on pbx-b"},
                                         {"reason", nullptr}};
  EXPECT_THAT(block(replication),
              HasSubstr("the copy of 2026-11-26T11:00:00Z was undone 2m ago by root on pbx-b"));
  EXPECT_THAT(listed(replication), Not(HasSubstr("undo"))) << "it is no copy";
}

TEST(CopyRows, ListsGenerations) {
  const auto list = OrderedJson::parse(R"({"time": "2026-11-26T12:00:00Z", "items": [
    {"number": 12, "takenAt": "2026-11-26T11:56:00Z", "cause": "by schedule",
     "tables": ["moh", "userfeatures"], "rows": 1204, "bytes": 2048}]})");
  const auto lines = table(kPlain, generation_headers(true), generation_rows(list, true));
  EXPECT_THAT(lines, HasSubstr("4m ago"));
  EXPECT_THAT(lines, HasSubstr("1,204"));
  EXPECT_THAT(lines, HasSubstr("by schedule"));
  EXPECT_THAT(lines, HasSubstr("moh,userfeatures"));
  EXPECT_THAT(table(kPlain, generation_headers(false), generation_rows(list, false)),
              Not(HasSubstr("userfeatures")));
}

}  // namespace
}  // namespace tandem
