// How runs of the files' copy are told, what is kept of copies, and what conditions make of them.
#include <gtest/gtest.h>

#include "reconciler/replication/copy_conditions.h"
#include "reconciler/replication/copy_past.h"
#include "reconciler/replication/files_copier.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

using files::FolderReport;
using files::Reason;
using files::Report;
using files::Trouble;
using std::chrono::hours;

Report report_of(std::vector<FolderReport> folders) {
  Report report;
  report.folders = std::move(folders);
  return report;
}
FolderReport folder(const char* path, FolderReport::Result result,
                    std::optional<Trouble> trouble = std::nullopt) {
  FolderReport one{path, result};
  one.trouble = std::move(trouble);
  return one;
}

TEST(FilesTold, AComparisonOfAllIsAProofAChangedFolderIsNot) {
  Report run = report_of({folder("/a", FolderReport::Result::equal)});
  EXPECT_EQ(told_of({}, run, run).result, CopyResult::partial);
  run.compared_all = true;
  const CopyTold told = told_of({}, run, run);
  EXPECT_EQ(told.result, CopyResult::equal);
  EXPECT_EQ(told.parts.at("equal"), 1U);
}

TEST(FilesTold, AGoodFolderDoesNotHideAnotherOnesTrouble) {
  const Trouble shrunk{Reason::shrink, "/b: 90 of 100 files would go"};
  const Report run = report_of({folder("/a", FolderReport::Result::copied)});
  const Report all = report_of({folder("/a", FolderReport::Result::copied),
                                folder("/b", FolderReport::Result::held_back, shrunk)});
  const CopyTold told = told_of({}, run, all);
  EXPECT_EQ(told.result, CopyResult::refused);
  EXPECT_EQ(told.reason, "Shrink");
  EXPECT_TRUE(told.can_be_forced);
  EXPECT_NE(told.message.find("/b: 90 of 100"), std::string::npos);
}

TEST(FilesTold, AMissingFolderIsNoFailureACutIs) {
  Report run = report_of({folder("/a", FolderReport::Result::held_back,
                                 Trouble{Reason::source_missing, "/a is not here"})});
  EXPECT_TRUE(told_of({}, run, run).succeeded());
  run.trouble = Trouble{Reason::cut, "the connection ended"};
  EXPECT_EQ(told_of({}, run, run).result, CopyResult::failed);
  run.trouble = Trouble{Reason::target_serves, "pbx-b serves"};
  EXPECT_EQ(told_of({}, run, run).result, CopyResult::refused);
}

TEST(CopyPasts, AreReadAsTheyWereWrittenAndADamagedFileIsNone) {
  CopyPasts pasts;
  pasts[CopyKind::database].succeeded = WallTime{std::chrono::seconds{1'700'000'000}};
  pasts[CopyKind::database].proof = "109 tables equal, hash 0123";
  pasts[CopyKind::files].proven = WallTime{std::chrono::seconds{1'700'000'100}};
  const auto read = read_copy_pasts(to_text(pasts));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value(), pasts);
  for (const char* text : {"", "[]", "{", "null", "\x01"})
    EXPECT_FALSE(read_copy_pasts(text).ok()) << text;
  EXPECT_TRUE(read_copy_pasts(R"({"database": 3, "files": {"proven": "x"}})").ok());
  fakes::MemoryFilesystem disk;
  disk.directories.insert("/var/lib/tandem");
  disk.files["/var/lib/tandem/replicated.json"] = "{";
  EXPECT_TRUE(load_copy_pasts(disk, "/var/lib/tandem").empty());
  disk.files.clear();
  ASSERT_TRUE(keep_copy_pasts(disk, "/var/lib/tandem", pasts).ok());
  EXPECT_EQ(load_copy_pasts(disk, "/var/lib/tandem"), pasts);
  EXPECT_EQ(disk.files["/var/lib/tandem/replicated.json"].mode, 0600U);
}

TEST(CopyConditions, SayWhatTheLastRunCameToAndWhatHoldsTheNext) {
  CopyState state;
  EXPECT_EQ(replicated(CopyKind::database, state, false).reason, "NotYet");
  state.last = CopyTold{};
  state.last->result = CopyResult::partial;
  state.last->message = "3 tables looked at";
  state.past.proof = "109 tables equal";
  Condition told = replicated(CopyKind::database, state, false);
  EXPECT_EQ(told.status, Truth::yes);
  EXPECT_EQ(told.reason, "Partial");
  EXPECT_NE(told.message.find("proven before: 109 tables equal"), std::string::npos);
  state.last->message = state.past.proof;
  EXPECT_EQ(replicated(CopyKind::database, state, false).message, "109 tables equal")
      << "told once";
  state.held_reason = "Suspended";
  state.held = "the pair is suspended";
  told = replicated(CopyKind::files, state, false);
  EXPECT_EQ(told.type, "FilesReplicated");
  EXPECT_EQ(told.status, Truth::unknown) << "it passes";
  EXPECT_EQ(replicated(CopyKind::files, state, true).status, Truth::no);
}

TEST(CopyConditions, HoldTheAgeAgainstTheObjective) {
  const WallTime now{std::chrono::seconds{1'700'000'000}};
  EXPECT_EQ(data_age_met(std::nullopt, hours{1}, now).reason, "NeverCopied");
  EXPECT_EQ(data_age_met(now - hours{1}, hours{1}, now).status, Truth::yes);
  EXPECT_EQ(data_age_met(now - hours{2}, hours{1}, now).reason, "Stale");
  EXPECT_EQ(data_age_met(now + std::chrono::seconds{2}, hours{1}, now).status, Truth::yes);
  EXPECT_EQ(data_age_met(now + hours{2}, hours{1}, now).status, Truth::unknown)
      << "a clock was wrong";
}

}  // namespace
}  // namespace tandem
