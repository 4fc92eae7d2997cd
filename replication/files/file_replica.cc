#include "replication/files/file_replica.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "replication/files/direction.h"

namespace tandem::files {
namespace {

using enum FolderReport::Result;
using Step = Progress::Step;

// A folder that is not here says nothing about the other node's.
bool is_proven(const FolderReport& folder) {
  if (folder.trouble) return folder.trouble->reason == Reason::source_missing;
  return folder.result == equal || folder.result == copied;
}

Trouble source_missing(const FilesGoal& goal, const std::string& folder) {
  const bool declared = goal.sources.declared.contains(folder);
  return {Reason::source_missing,
          fmt::format("{}: it is not on this node; nothing is copied, and what {} has of it stays; "
                      "{}",
                      folder, goal.peer(),
                      declared ? "make it, or take it out of spec.replication.files.directories"
                               : "make an empty one (mkdir) to end this note")};
}

}  // namespace

// What the parts of one run share.
struct FileReplica::Run {
  FilesGoal goal;
  Order order;
  bool only_plan = false;
  bool remembered_changed = false;
  std::vector<std::string> ssh;  // words of ssh, once the connection is open
  Progress progress{};

  bool forced() const { return !order.force_reason.empty(); }
  void tell() const {
    if (order.progress) order.progress(progress);
  }
};

FilesGoal files_goal(const HAPair& pair) {
  FilesGoal goal;
  goal.ends = {pair.primary.address, pair.secondary.address};
  goal.direction = direction_of(pair);
  goal.sources = copy_sources(pair.product, pair.replication);
  goal.max_shrink = pair.replication.files_max_shrink;
  goal.peer_name = pair.secondary.name;
  return goal;
}

std::string_view result_name(FolderReport::Result result) {
  switch (result) {
    case unchanged: return "unchanged";
    case equal: return "equal";
    case copied: return "copied";
    case planned: return "planned";
    case held_back: return "held back";
    case failed: return "failed";
    case left_out: return "left out";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

bool Report::ok() const {
  if (trouble) return false;
  return std::ranges::all_of(folders, [](const FolderReport& folder) {
    return !folder.trouble || folder.trouble->reason == Reason::source_missing;
  });
}

CopyCounts Report::done() const {
  CopyCounts all;
  for (const FolderReport& folder : folders) all += folder.done;
  return all;
}

std::uint64_t Report::wire_bytes() const {
  std::uint64_t all = 0;
  for (const FolderReport& folder : folders) all += folder.wire_bytes;
  return all;
}

FileReplica::FileReplica(Trees& trees, AttendedProcess& programs, Session& session,
                         Filesystem& disk, Clock& clock, std::string state_dir)
    : trees_(trees),
      programs_(programs),
      session_(session),
      disk_(disk),
      clock_(clock),
      state_dir_(std::move(state_dir)) {}

Task<Report> FileReplica::run(FilesGoal goal, Order order) {
  return carry_out(std::move(goal), std::move(order), false);
}

Task<Report> FileReplica::plan(FilesGoal goal) { return carry_out(std::move(goal), Order(), true); }

void FileReplica::abort() {
  if (running_) aborted_ = true;
  if (attended_ != nullptr) attended_->end();
  session_.close();
}

void FileReplica::forget() { known_.clear(); }

// The other way round, or to another node: not before a person has said so.
Status FileReplica::check_direction(const FilesGoal& goal, const Order& order, Report& report) {
  const auto kept = kept_direction(disk_, state_dir_);
  if (!kept.ok()) return kept.error();
  if (kept.value().empty() || kept.value() == goal.direction || order.confirm_direction)
    return success();
  report.trouble = Trouble{
      Reason::direction_changed,
      fmt::format("files were copied as {} until now, and the declaration says {}: nothing is "
                  "copied before somebody confirms which node holds the files that count; run: "
                  "tandem replicate --confirm-direction",
                  kept.value(), goal.direction)};
  return success();
}

Task<Report> FileReplica::carry_out(FilesGoal goal, Order order, bool only_plan) {
  Report report;
  if (running_) {
    report.trouble = Trouble{Reason::failed, "a copy of files is under way; one runs at a time"};
    co_return report;
  }
  for (const Tree& tree : goal.sources.trees)
    if (order.folders.empty() || order.folders.contains(tree.path))
      report.folders.push_back({tree.path});
  const auto direction = check_direction(goal, order, report);
  if (!direction.ok()) report.trouble = Trouble{Reason::failed, direction.error().message};
  if (report.trouble) co_return report;

  running_ = true;
  aborted_ = false;
  if (last_goal_ && !last_goal_->same_target(goal)) {
    session_.close();
    forget();
  }
  last_goal_ = goal;
  if (!remembered_) remembered_ = load_remembered(disk_, state_dir_);
  Run run;
  run.goal = std::move(goal);
  run.order = std::move(order);
  run.only_plan = only_plan;
  run.progress.folders = report.folders.size();
  for (FolderReport& each : report.folders) {
    const auto tree = std::ranges::find(run.goal.sources.trees, each.path, &Tree::path);
    run.progress.folder = each.path;
    ++run.progress.number;
    const Instant begun = clock_.now();
    co_await folder(run, *tree, each);
    each.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - begun);
    if (aborted_) each.trouble = Trouble{Reason::aborted, "the copy was aborted"};
    if (aborted_) each.result = failed;
    if (!each.trouble || !ends_the_run(each.trouble->reason)) continue;
    report.trouble = each.trouble;
    break;
  }
  session_.release();
  running_ = false;
  // Lost at the worst, it is made anew by the next copies; it must not fail one that was made.
  if (run.remembered_changed) {
    const auto direction_kept = keep_direction(disk_, state_dir_, run.goal.direction);
    const auto kept = keep_remembered(disk_, state_dir_, *remembered_);
    if (!kept.ok() || !direction_kept.ok()) remembered_.reset();
  }
  report.compared_all = run.order.folders.empty() && !report.trouble &&
                        std::ranges::all_of(report.folders, is_proven);
  co_return report;
}

bool FileReplica::is_known(const Run& run, const Tree& tree, const TreeLook& look) const {
  if (run.only_plan || run.order.depth == Depth::compare) return false;
  const auto known = known_.find(tree.path);
  return known != known_.end() && known->second.stamp == look.stamp &&
         clock_.now() < known->second.compared + kCompareEvery;
}

Task<void> FileReplica::folder(Run& run, const Tree& tree, FolderReport& report) {
  run.progress.step = Step::looking;
  run.progress.items = run.progress.items_planned = 0;
  run.progress.bytes = run.progress.bytes_planned = 0;
  run.tell();
  report.result = held_back;
  const auto look = co_await trees_.look(tree);
  if (!look.ok()) {
    report.trouble = trouble_of_look(tree.path, look.error());
    co_return;
  }
  if (!look.value()) {
    report.trouble = source_missing(run.goal, tree.path);
    co_return;
  }
  if (is_known(run, tree, *look.value())) {
    report.result = unchanged;
    co_return;
  }
  const auto last = remembered_->find(tree.path);
  if (!run.forced() && last != remembered_->end())
    report.trouble = guard_source(tree, *look.value(), &last->second);
  if (report.trouble || aborted_) co_return;
  if (run.ssh.empty()) {
    auto opened = co_await session_.open(run.goal.ends);
    if (!opened.ok()) {
      report.result = failed;
      report.trouble = trouble_of_session(opened.error());
      co_return;
    }
    run.ssh = std::move(opened).value();
  }
  if (!aborted_) co_await compare_and_copy(run, tree, *look.value(), report);
}

Task<Passage> FileReplica::pass(Run& run, CopyCommand copy, const CopyPlan* plan) {
  run.progress.step = copy.only_compare ? Step::comparing : Step::copying;
  if (plan != nullptr) {
    run.progress.items_planned = plan->counts.items();
    run.progress.bytes_planned = plan->counts.bytes;
  }
  run.tell();
  Passenger passenger(programs_, [this](Attendance* attendance) { attended_ = attendance; });
  const bool tells = !copy.only_compare;
  Passenger::Tells told = [&run, tells](const CopyCounts& counts) {
    if (!tells) return;
    run.progress.items = counts.items();
    run.progress.bytes = counts.bytes;
    run.tell();
  };
  auto passage =
      co_await passenger.run(std::move(copy), run.goal.ends, run.goal.peer(), std::move(told));
  co_return passage;
}

Task<void> FileReplica::compare_and_copy(Run& run, const Tree& tree, const TreeLook& look,
                                         FolderReport& report) {
  known_.erase(tree.path);
  report.result = failed;
  CopyCommand comparing{tree, look.place, run.ssh, run.goal.ends.peer, true, std::nullopt};
  const auto compared = co_await pass(run, std::move(comparing), nullptr);
  report.wire_bytes = compared.sum.wire_sent + compared.sum.wire_received;
  report.plan = compared.plan();
  report.trouble = compared.trouble;
  if (report.trouble) co_return;

  const auto last = remembered_->find(tree.path);
  const RememberedFolder* before = last == remembered_->end() ? nullptr : &last->second;
  if (!run.forced())
    report.trouble = guard_plan(tree, look, report.plan, before, run.goal.max_shrink);
  report.result = report.trouble ? held_back : run.only_plan ? planned : equal;
  if (report.trouble || run.only_plan) co_return;
  if (report.plan.is_empty()) {
    keep(run, tree, look);
    co_return;
  }
  report.result = failed;
  CopyCommand copying{
      tree, look.place, run.ssh, run.goal.ends.peer, false, report.plan.counts.deletions()};
  const auto copied_now = co_await pass(run, std::move(copying), &report.plan);
  report.wire_bytes += copied_now.sum.wire_sent + copied_now.sum.wire_received;
  report.done = copied_now.counts;
  report.trouble = copied_now.trouble;
  if (report.trouble) co_return;
  report.result = copied;
  keep(run, tree, look);
}

// By the look from before the copy: what has changed since is copied again.
void FileReplica::keep(Run& run, const Tree& tree, const TreeLook& look) {
  known_[tree.path] = {look.stamp, clock_.now()};
  RememberedFolder now = remembered(look);
  RememberedFolder& kept = (*remembered_)[tree.path];
  if (kept == now) return;
  kept = std::move(now);
  run.remembered_changed = true;
}

}  // namespace tandem::files
