// The secondary's copy of the primary's files: made, compared, planned, and proven.
//
//   FileReplica replica(trees, programs, session, disk, clock, state_dir);
//   Report report = co_await replica.run(files_goal(pair), Order());
//
// One run at a time; plan() counts as one. A folder that did not change since its last good copy
// costs a look at the disk and starts no process (Depth::changes); every so often, and whenever
// something may have happened on the other node, both sides are compared (Depth::compare).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/pair.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/trees.h"
#include "replication/files/copy_sources.h"
#include "replication/files/directory_copy.h"
#include "replication/files/memory.h"
#include "replication/files/session.h"

namespace tandem::files {

struct FilesGoal {
  SshEnds ends;           // this node and the secondary
  std::string direction;  // direction_of(pair)
  CopySources sources;
  int max_shrink = 50;      // percent
  std::string peer_name{};  // of the secondary, for people

  const std::string& peer() const { return peer_name.empty() ? ends.peer : peer_name; }

  bool same_target(const FilesGoal& other) const {
    return ends.own == other.ends.own && ends.peer == other.ends.peer &&
           direction == other.direction;
  }
};

FilesGoal files_goal(const HAPair& pair);

struct Progress {
  enum class Step { looking, comparing, copying };
  Step step = Step::looking;
  std::string folder;
  std::size_t number = 0;  // of the folder, from 1
  std::size_t folders = 0;
  std::uint64_t items = 0;  // copied or deleted so far, in this folder
  std::uint64_t items_planned = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_planned = 0;
};

enum class Depth {
  changes,  // what has changed here since the last good copy
  compare,  // all of it, against what is there
};

struct Order {
  Depth depth = Depth::compare;
  std::set<std::string> folders{};  // empty: all
  // Not empty: NotMounted, SourceEmpty and Shrink do not hold the copy back.
  std::string force_reason{};
  bool confirm_direction = false;
  std::function<void(const Progress&)> progress{};
};

struct FolderReport {
  enum class Result {
    unchanged,  // nothing here is another than at the last good copy; no process was started
    equal,      // compared, and there was nothing to do
    copied,     // something was, and rsync ended well
    planned,    // plan() alone: `plan` is what would be done
    held_back,  // a guard, or it is not there: `trouble`
    failed,     // `trouble`; what was done until then is in `done`
    left_out,   // not tried, since something before it ended the run
  };
  std::string path;
  Result result = Result::left_out;
  std::optional<Trouble> trouble{};
  CopyPlan plan{};    // of the comparison
  CopyCounts done{};  // of the copy
  std::uint64_t wire_bytes = 0;
  std::chrono::milliseconds took{0};
};

// "unchanged", "equal", "copied", "planned", "held back", "failed", "left out"
std::string_view result_name(FolderReport::Result result);

struct Report {
  std::vector<FolderReport> folders;
  std::optional<Trouble> trouble{};  // what ended the run, or kept it from beginning
  bool compared_all = false;         // each folder was compared or copied in this run, and is equal

  // Nothing failed and no guard held back; a folder that is missing here is no failure.
  bool ok() const;
  CopyCounts done() const;
  std::uint64_t wire_bytes() const;
};

class FileReplica {
 public:
  // Where only changes are asked for, a folder that was not compared for so long is compared.
  static constexpr std::chrono::hours kCompareEvery{1};

  // `disk` has its root at `/`; `trees` and the folders of the goal have the managed root.
  FileReplica(Trees& trees, AttendedProcess& programs, Session& session, Filesystem& disk,
              Clock& clock, std::string state_dir);

  Task<Report> run(FilesGoal goal, Order order);
  // Compares and changes nothing, neither there nor in what is remembered. For `tandem plan`.
  Task<Report> plan(FilesGoal goal);

  // A takeover, a stop: the program that runs is ended with its group (at most 2 s), the kept
  // connection is closed, and the run ends with Aborted. Returns at once.
  void abort();
  // What is on the other node may be another than was left there (a takeover, a change of role, a
  // copy by another hand): the next run compares everything.
  void forget();
  bool running() const { return running_; }

 private:
  struct Known {
    std::uint64_t stamp = 0;
    Instant compared{};
  };
  struct Run;

  Task<Report> carry_out(FilesGoal goal, Order order, bool only_plan);
  Status check_direction(const FilesGoal& goal, const Order& order, Report& report);
  Task<void> folder(Run& run, const Tree& tree, FolderReport& report);
  Task<void> compare_and_copy(Run& run, const Tree& tree, const TreeLook& look,
                              FolderReport& report);
  Task<Passage> pass(Run& run, CopyCommand copy, const CopyPlan* plan);
  void keep(Run& run, const Tree& tree, const TreeLook& look);
  bool is_known(const Run& run, const Tree& tree, const TreeLook& look) const;

  Trees& trees_;
  AttendedProcess& programs_;
  Session& session_;
  Filesystem& disk_;
  Clock& clock_;
  std::string state_dir_;

  std::map<std::string, Known> known_;
  std::optional<FilesGoal> last_goal_;
  std::optional<RememberedFolders> remembered_;
  Attendance* attended_ = nullptr;
  bool running_ = false;
  bool aborted_ = false;
};

}  // namespace tandem::files
