// What `tandem replicate` shows while it waits, and at the end.
#include "app/commands/copy_screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

const Instant kStart{std::chrono::hours{1000}};
const CopyRuns kRuns{{"database", 2}};

OrderedJson meter(std::uint64_t tables, std::uint64_t done, const char* phase = "comparing") {
  return {{"phase", phase}, {"object", nullptr}, {"partsDone", tables}, {"parts", 9},
          {"done", done},   {"total", 10'000},   {"unit", "rows"},      {"bytes", 0}};
}

OrderedJson running(const OrderedJson& progress, std::uint64_t run = 2) {
  return {{"database", {{"running", true}, {"run", run}, {"progress", progress}}}};
}

OrderedJson result(const char* word) {
  return {{"result", word},
          {"reason", nullptr},
          {"message", "9 tables equal, hash 01"},
          {"canBeForced", false},
          {"tookMilliseconds", 3'400},
          {"bytes", 2'048},
          {"changed", 12},
          {"notes", OrderedJson::array({"odd: not known"})}};
}

CopyEnding ended(OrderedJson last) { return {CopyEnding::How::ended, std::move(last), ""}; }

TEST(CopyPace, TellsRateAndTimeLeft) {
  CopyPace pace;
  EXPECT_EQ(pace.take(meter(0, 0), kStart), "");
  EXPECT_EQ(pace.take(meter(1, 1'000), kStart + milliseconds{500}), "") << "too early to tell";
  EXPECT_EQ(pace.take(meter(1, 2'000), kStart + seconds{2}), ", 1,000/s, 8s to go");
  EXPECT_EQ(pace.take(meter(0, 10), kStart + seconds{3}), "") << "another phase begins anew";
  EXPECT_EQ(pace.take(meter(0, 110), kStart + seconds{5}), ", 50/s, 3m17s to go");
}

TEST(CopyScreen, WritesOverItsLinesOnATerminal) {
  CopyScreen screen(80);
  EXPECT_EQ(screen.show(running(meter(3, 500)), kRuns, kStart),
            "database  comparing 3/9 tables, 500 of 10K rows\n");
  EXPECT_EQ(screen.show(running(meter(4, 500)), kRuns, kStart),
            "\r\033[1A\033[Jdatabase  comparing 4/9 tables, 500 of 10K rows\n");
  EXPECT_EQ(screen.wipe(), "\r\033[1A\033[J");
  EXPECT_EQ(screen.wipe(), "");
}

TEST(CopyScreen, KeepsEachLineWithinTheTerminal) {
  CopyScreen screen(20);
  EXPECT_EQ(screen.show(running(meter(3, 500)), kRuns, kStart), "database  comparing\n");
}

TEST(CopyScreen, HasRoomForRateAndTimeLeftInEightyColumns) {
  OrderedJson progress = meter(58, 0, "transferring");
  progress["parts"] = 109;
  progress["total"] = 4'000'000;
  progress["object"] = "a_table_with_a_rather_long_name";
  CopyScreen screen(80);
  screen.show(running(progress), kRuns, kStart);
  progress["done"] = 2'150'000;
  EXPECT_THAT(screen.show(running(progress), kRuns, kStart + seconds{150}),
              HasSubstr("2.15M of 4.00M rows, 14K/s, 2m9s to go"));
}

TEST(CopyScreen, WritesALineElsewhereOnlyWhereSomethingIsNew) {
  CopyScreen screen(0);
  EXPECT_NE(screen.show(running(meter(3, 1)), kRuns, kStart), "");
  EXPECT_EQ(screen.show(running(meter(4, 2)), kRuns, kStart + seconds{1}), "") << "too soon";
  EXPECT_THAT(screen.show(running(meter(4, 3)), kRuns, kStart + seconds{2}),
              HasSubstr("4/9 tables"));
  EXPECT_EQ(screen.show(running(meter(4, 900)), kRuns, kStart + seconds{9}), "") << "same table";
  EXPECT_THAT(screen.show(running(meter(4, 0, "proving")), kRuns, kStart + seconds{9}),
              HasSubstr("proving"));
  EXPECT_EQ(screen.wipe(), "");
}

TEST(CopyScreen, TellsWhatAnOrderWaitsFor) {
  CopyScreen screen(200);
  EXPECT_THAT(screen.show(running(meter(3, 1), 1), kRuns, kStart),
              HasSubstr("waits for the copy under way: comparing"));
}

TEST(CopyEndings, TellResultDurationChangesBytesProofAndNotes) {
  EXPECT_EQ(
      ending_text("database", ended(result("equal")), false),
      "database  equal after 3.4s, 12 rows changed, 2.0 KiB over the network: 9 tables equal, "
      "hash 01\n          note: odd: not known\n");
  EXPECT_EQ(ending_error("database", ended(result("partial")), false), "");
}

TEST(CopyEndings, TellTheReasonAndTheExactRemedy) {
  OrderedJson last = result("refused");
  last["reason"] = "Shrunk";
  last["message"] = "a table has shrunk\x1b[2J";
  last["canBeForced"] = true;
  EXPECT_EQ(ending_error("database", ended(last), false),
            "the copy of the database was refused, Shrunk: a table has shrunk?[2J\n"
            "if it is right all the same: tandem replicate database --force REASON");
  last["canBeForced"] = false;
  EXPECT_EQ(ending_error("files", ended(last), false).find("--force"), std::string::npos);
}

TEST(CopyEndings, TellWhatACancelledCopyLeaves) {
  OrderedJson last = result("failed");
  last["reason"] = "Cancelled";
  EXPECT_EQ(ending_error("database", ended(last), true), "");
  EXPECT_THAT(ending_text("database", ended(last), true), HasSubstr("as it was before this run"));
  last["reason"] = "Aborted";
  EXPECT_THAT(ending_text("files", ended(last), true), HasSubstr("each of them whole"));
  EXPECT_NE(ending_error("files", ended(last), false), "") << "cancelled by somebody else";
}

TEST(CopyEndings, SayWhatIsNotKnown) {
  const CopyEnding lost{CopyEnding::How::unknown, nullptr, "the operator was started anew"};
  EXPECT_THAT(ending_error("files", lost, true), HasSubstr("is not known: the operator was"));
  EXPECT_FALSE(lost.good());
  const auto json = endings_document({{"files", 4}}, {{"files", lost}}, true);
  EXPECT_EQ(json["copies"][0]["state"], "Unknown");
  EXPECT_EQ(json["copies"][0]["run"], 4);
  const auto good = endings_document(kRuns, {{"database", ended(result("equal"))}}, false);
  EXPECT_EQ(good["copies"][0]["result"], "equal");
}

TEST(CopyEnding, TellsOfAnUndo) {
  EXPECT_THAT(ending_text("undo", ended(result("undone")), false),
              HasSubstr("undo      undone after 3.4s, 12 rows changed"));
  EXPECT_TRUE(ended(result("undone")).good());
  OrderedJson refused = result("refused");
  refused["reason"] = "ChangedSince";
  EXPECT_THAT(ending_error("undo", ended(refused), false),
              HasSubstr("the undo was refused, ChangedSince: "));
  OrderedJson cancelled = result("failed");
  cancelled["reason"] = "Cancelled";
  EXPECT_THAT(ending_text("undo", ended(cancelled), true),
              HasSubstr("the secondary's database is as it was before"));
}

}  // namespace
}  // namespace tandem
