#include "replication/files/file_replica.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/spawn.h"
#include "replication/files/direction.h"
#include "tests/fakes/fake_attended_process.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/fakes/memory_trees.h"
#include "tests/run.h"

namespace tandem::files {
namespace {

using enum FolderReport::Result;
using Lines = std::vector<std::string>;

const std::string kMoh = "/var/lib/asterisk/moh";

class FileReplicaTest : public testing::Test {
 protected:
  FileReplicaTest() {
    disk_.files["/ssh/id_ed25519"] = fakes::File("key", 0600);
    disk_.directories.insert("/state");
    trees_.looks[kMoh].stamp = 1;
    trees_.looks[kMoh].number = 12;
    trees_.looks[kMoh].files = 3;
    programs_.programs["/usr/bin/rsync"] = [this](const Command& command, const Attendance& heard) {
      const bool compares = std::ranges::count(command.argv, "-n") > 0;
      runs_.push_back(compares ? "compare" : "copy");
      if (compares && refusal_ == "") heard.hear(found_);
      if (!compares) heard.hear(found_);
      heard.hear(fmt::format("Number of files: {} (reg: {}, dir: 1)\n", here_ + 1, here_));
      if (!refusal_.empty()) return fakes::exits(12, "", refusal_);
      if (!compares && fails_copying_) return fakes::exits(23, "", "rsync: it failed\n");
      if (!compares) found_.clear();
      return fakes::exits(0);
    };
    programs_.lasting["-N"] = [this](const Command& command) {
      for (const auto& word : command.argv)
        if (word.starts_with("ControlPath=/")) disk_.fifos.insert(word.substr(12));
    };
    goal_.ends = {"10.0.0.1", "10.0.0.2"};
    goal_.direction = "wazo: a > b";
    goal_.sources.trees = {{kMoh, {}}};
  }
  ~FileReplicaTest() override {
    session_.close();
    io_.restart();
    io_.run_for(std::chrono::seconds{1});
  }

  Report copy(Order order = {}) { return run(io_, replica_.run(goal_, std::move(order))); }
  Report changes() { return copy({.depth = Depth::changes}); }
  FolderReport of_moh(Order order = {}) { return copy(std::move(order)).folders.at(0); }
  void deletes(int files) {
    for (int i = 0; i < files; ++i) found_ += "*deleting   0 gone\n";
  }
  Lines runs() { return std::exchange(runs_, {}); }

  boost::asio::io_context io_;
  fakes::FakeClock clock_;
  fakes::MemoryFilesystem disk_;
  fakes::MemoryTrees trees_;
  fakes::FakeProcess asking_;
  fakes::FakeAttendedProcess programs_{clock_};
  PeerSsh ssh_{disk_, asking_, "/ssh"};
  Session session_{ssh_, programs_, disk_, clock_, "/state/session"};
  FileReplica replica_{trees_, programs_, session_, disk_, clock_, "/state"};
  FilesGoal goal_;

  std::string found_;  // what differs, as rsync says it
  int here_ = 3;
  std::string refusal_;
  bool fails_copying_ = false;
  Lines runs_;
};

TEST_F(FileReplicaTest, ComparesThenCopies) {
  found_ = "<f+++++++++ 100 a.wav\n";
  const auto report = copy();
  EXPECT_TRUE(report.ok());
  EXPECT_TRUE(report.compared_all);
  EXPECT_EQ(report.folders[0].result, copied);
  EXPECT_EQ(report.done().files_sent, 1U);
  EXPECT_EQ(report.done().bytes, 100U);
  EXPECT_EQ(runs(), (Lines{"compare", "copy"}));
}

TEST_F(FileReplicaTest, HasNothingToDoTheSecondTime) {
  EXPECT_EQ(of_moh().result, equal);
  const auto started = programs_.commands.size();
  const auto again = changes();
  EXPECT_EQ(again.folders[0].result, unchanged);
  EXPECT_TRUE(again.ok());
  EXPECT_FALSE(again.compared_all) << "the other node was not asked";
  EXPECT_EQ(programs_.commands.size(), started) << "no process was started";
}

TEST_F(FileReplicaTest, CopiesWhatHasChanged) {
  copy();
  runs();
  trees_.looks[kMoh].stamp = 2;
  EXPECT_EQ(changes().folders[0].result, equal);
  EXPECT_EQ(runs(), Lines{"compare"});
}

TEST_F(FileReplicaTest, ComparesFromTimeToTimeAndWhenItHasToForget) {
  copy();
  clock_.advance(FileReplica::kCompareEvery);
  EXPECT_EQ(changes().folders[0].result, equal);
  EXPECT_EQ(changes().folders[0].result, unchanged);
  replica_.forget();
  EXPECT_EQ(changes().folders[0].result, equal);
  goal_.ends.peer = "10.0.0.3";
  EXPECT_EQ(changes().folders[0].result, equal) << "another node";
}

TEST_F(FileReplicaTest, CopiesAgainWhatFailed) {
  found_ = "<f+++++++++ 100 a.wav\n";
  fails_copying_ = true;
  const auto report = changes();
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.folders[0].result, failed);
  EXPECT_EQ(report.folders[0].trouble->reason, Reason::partly);
  fails_copying_ = false;
  EXPECT_EQ(changes().folders[0].result, copied);
}

TEST_F(FileReplicaTest, TouchesNothingWhereTheFolderIsMissing) {
  trees_.looks.clear();
  const auto report = copy();
  EXPECT_TRUE(report.ok()) << "a condition, no failure";
  EXPECT_EQ(report.folders[0].result, held_back);
  EXPECT_EQ(report.folders[0].trouble->reason, Reason::source_missing);
  const auto told = [&] { return of_moh().trouble->message; };
  EXPECT_THAT(told(), testing::EndsWith("make an empty one (mkdir) to end this note"));
  goal_.sources.declared.insert(kMoh);
  EXPECT_THAT(told(), testing::HasSubstr("take it out of spec.replication.files.directories"));
  EXPECT_TRUE(programs_.commands.empty());
}

TEST_F(FileReplicaTest, TouchesNothingWhereTheFolderCanNotBeRead) {
  trees_.look_errors[kMoh] = Error{Fault::timed_out, kMoh + ": the disk did not answer"};
  EXPECT_EQ(of_moh().trouble->reason, Reason::source_unreadable);
  trees_.look_errors[kMoh] = Error{Fault::invalid, kMoh + ": is a file"};
  EXPECT_EQ(of_moh().trouble->reason, Reason::source_not_folder);
  EXPECT_TRUE(programs_.commands.empty());
}

TEST_F(FileReplicaTest, HoldsAShrunkenFolderBackUntilItIsForced) {
  deletes(51);
  here_ = 49;
  EXPECT_EQ(of_moh().trouble->reason, Reason::shrink);
  EXPECT_EQ(runs(), Lines{"compare"});
  const auto forced = of_moh({.force_reason = "the old music is not wanted"});
  EXPECT_EQ(forced.result, copied);
  EXPECT_EQ(forced.done.files_deleted, 51U);
}

TEST_F(FileReplicaTest, HoldsAnEmptyFolderBack) {
  deletes(1);
  here_ = 0;
  EXPECT_EQ(of_moh().trouble->reason, Reason::source_empty);
  EXPECT_EQ(runs(), Lines{"compare"});
}

TEST_F(FileReplicaTest, RemembersOverARestartWhatWasMounted) {
  trees_.looks[kMoh].mounts = {"nas"};
  copy();
  trees_.looks[kMoh].mounts.clear();
  FileReplica restarted(trees_, programs_, session_, disk_, clock_, "/state");
  runs();
  const auto report = run(io_, restarted.run(goal_, {}));
  EXPECT_EQ(report.folders[0].trouble->reason, Reason::not_mounted);
  EXPECT_EQ(runs(), Lines{});
  EXPECT_TRUE(run(io_, restarted.run(goal_, {.force_reason = "the NAS is gone"})).ok());
  EXPECT_TRUE(run(io_, restarted.run(goal_, {})).ok()) << "it is what was copied last now";
}

TEST_F(FileReplicaTest, AsksBeforeItCopiesTheOtherWayRound) {
  ASSERT_TRUE(keep_direction(disk_, "/state", "wazo: b > a").ok());
  EXPECT_EQ(copy().trouble->reason, Reason::direction_changed);
  EXPECT_EQ(copy({.force_reason = "no"}).trouble->reason, Reason::direction_changed);
  EXPECT_TRUE(programs_.commands.empty());
  EXPECT_TRUE(copy({.confirm_direction = true}).ok());
  EXPECT_TRUE(copy().ok()) << "kept from now on";
}

TEST_F(FileReplicaTest, EndsAtWhatConcernsTheWholeOtherNode) {
  goal_.sources.trees.push_back({"/srv/more", {}});
  trees_.looks["/srv/more"] = {};
  refusal_ = "tandem sync-gate: refused: pbx-b serves: nothing is copied onto a node that serves\n";
  const auto report = copy();
  EXPECT_EQ(report.trouble->reason, Reason::target_serves);
  EXPECT_EQ(report.folders[1].result, left_out);
  EXPECT_EQ(runs(), Lines{"compare"});
}

TEST_F(FileReplicaTest, PlansAndChangesNothing) {
  found_ = "<f+++++++++ 100 a.wav\n";
  deletes(2);
  const auto files = disk_.files;
  const auto report = run(io_, replica_.plan(goal_));
  EXPECT_EQ(report.folders[0].result, planned);
  EXPECT_EQ(report.folders[0].plan.counts.files_deleted, 2U);
  EXPECT_EQ(report.folders[0].plan.deleted_names, (Lines{"gone", "gone"}));
  EXPECT_EQ(runs(), Lines{"compare"});
  EXPECT_EQ(disk_.files, files);
}

TEST_F(FileReplicaTest, TellsItsProgress) {
  found_ = "<f+++++++++ 100 a.wav\n";
  std::vector<Progress> told;
  Order order;
  order.progress = [&](const Progress& progress) { told.push_back(progress); };
  copy(order);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().step, Progress::Step::looking);
  EXPECT_EQ(told.back().step, Progress::Step::copying);
  EXPECT_EQ(told.back().items, told.back().items_planned);
  EXPECT_EQ(told.back().bytes, 100U);
}

TEST_F(FileReplicaTest, IsAbortedWithinItsCopy) {
  programs_.programs.clear();
  programs_.lasting["/usr/bin/rsync"] = [this](const Command&) { replica_.abort(); };
  const auto report = copy();
  EXPECT_EQ(report.trouble->reason, Reason::aborted);
  EXPECT_FALSE(replica_.running());
  EXPECT_GE(programs_.ended, 1);
}

TEST_F(FileReplicaTest, RunsOnceAtATime) {
  programs_.programs.clear();
  programs_.lasting["/usr/bin/rsync"] = [](const Command&) {};
  ASSERT_TRUE(run(io_, session_.open(goal_.ends)).ok());
  clock_.automatic = false;
  spawn(
      io_.get_executor(),
      [](FileReplica& replica, FilesGoal goal) -> Task<void> {
        Order order;
        co_await replica.run(std::move(goal), std::move(order));
      }(replica_, goal_),
      [](const std::string&) {});
  io_.restart();
  io_.poll();
  EXPECT_TRUE(replica_.running());
  EXPECT_THAT(copy().trouble->message, testing::HasSubstr("under way"));
  replica_.abort();
  io_.restart();
  io_.run_for(std::chrono::seconds{1});
  EXPECT_FALSE(replica_.running());
}

}  // namespace
}  // namespace tandem::files
