#include "reconciler/replication/files_copier.h"

#include <algorithm>
#include <set>
#include <utility>

#include "replication/files/condition_text.h"

namespace tandem {
namespace {

using files::FolderReport;
using files::Reason;
using files::Trouble;

constexpr std::chrono::hours kNobodyWaits{1};

CopyMeter meter_of(const files::Progress& progress) {
  CopyMeter meter;
  switch (progress.step) {
    case files::Progress::Step::looking: meter.phase = "looking"; break;
    case files::Progress::Step::comparing: meter.phase = "comparing"; break;
    case files::Progress::Step::copying: meter.phase = "copying"; break;
  }
  meter.object = progress.folder;
  meter.parts_done = progress.number == 0 ? 0 : progress.number - 1;
  meter.parts = progress.folders;
  meter.done = progress.bytes;
  meter.total = progress.bytes_planned;
  meter.unit = "bytes";
  meter.bytes = progress.bytes;
  return meter;
}

// What somebody has to decide or mend first; else the next run tries again.
bool is_refusal(Reason reason) {
  using enum Reason;
  return files::can_be_forced(reason) || reason == not_fit || reason == direction_changed ||
         reason == target_serves || reason == target_off || reason == target_unsure ||
         reason == not_its_primary || reason == no_declaration || reason == not_declared_there ||
         reason == harvest_pending || reason == gate_refused;
}

std::optional<Trouble> first_trouble(const files::Report& report) {
  if (report.trouble) return report.trouble;
  for (const FolderReport& folder : report.folders)
    if (folder.trouble && folder.trouble->reason != Reason::source_missing) return folder.trouble;
  return std::nullopt;
}

bool went_through(const files::Report& report) {
  if (report.trouble) return false;
  return std::ranges::none_of(report.folders, [](const FolderReport& folder) {
    return folder.result == FolderReport::Result::failed ||
           folder.result == FolderReport::Result::left_out;
  });
}

}  // namespace

CopyTold told_of(const files::FilesGoal& goal, const files::Report& run,
                 const files::Report& standing) {
  CopyTold told;
  told.kind = CopyKind::files;
  told.bytes = run.wire_bytes();
  const files::CopyCounts done = run.done();
  told.changed = done.files_sent + done.files_deleted;
  for (const FolderReport& folder : run.folders)
    ++told.parts[std::string(files::result_name(folder.result))];
  told.message = files::file_conditions(goal, standing, {}).front().message;
  told.result = run.compared_all ? CopyResult::equal : CopyResult::partial;
  const auto trouble = first_trouble(standing);
  if (!trouble) return told;
  told.result = is_refusal(trouble->reason) ? CopyResult::refused : CopyResult::failed;
  told.reason = files::reason_name(trouble->reason);
  told.can_be_forced = files::can_be_forced(trouble->reason);
  return told;
}

FilesCopier::FilesCopier(Parts parts)
    : parts_(std::move(parts)),
      changed_(parts_.clock.make_signal()),
      watching_(parts_.clock.make_signal()) {}

Task<void> FilesCopier::run_following() {
  while (!stopping_) {
    if (wanted_.empty()) {
      co_await parts_.clock.wait(*watching_, parts_.clock.now() + kNobodyWaits);
      continue;
    }
    follower_ = std::make_unique<files::ChangeFollower>(parts_.trees, parts_.clock, *changed_);
    std::vector<Tree> trees = wanted_;
    co_await follower_->follow(std::move(trees));
    follower_.reset();
  }
}

void FilesCopier::stop() {
  stopping_ = true;
  if (follower_) follower_->stop();
  watching_->notify();
}

bool FilesCopier::compares(const CopyAsk& ask) const {
  const Duration interval = ask.pair->replication.files_interval;
  return ask.everything || ask.force || !compared_ || parts_.clock.now() >= *compared_ + interval;
}

files::Order FilesCopier::order_of(const CopyAsk& ask, bool whole) {
  files::Order order;
  order.depth = whole ? files::Depth::compare : files::Depth::changes;
  if (follower_) order.folders = follower_->take();
  if (whole) order.folders.clear();
  order.force_reason = ask.force.value_or("");
  order.confirm_direction = ask.confirm_direction;
  order.progress = [this](const files::Progress& progress) { meter_ = meter_of(progress); };
  return order;
}

Task<CopyTold> FilesCopier::run(CopyAsk ask) {
  const bool whole = compares(ask);
  const Instant begun = parts_.clock.now();
  files::FilesGoal goal = files::files_goal(*ask.pair);
  files::Order order = order_of(ask, whole);
  const std::set<std::string> taken = order.folders;
  files::FilesGoal asked = goal;
  const files::Report report = co_await parts_.replica.run(std::move(asked), std::move(order));
  meter_.reset();
  if (whole && went_through(report)) compared_ = begun;
  if (!went_through(report) && follower_) follower_->give_back(taken);
  CopyTold told = take_up(goal, report, whole);
  told.took = std::chrono::duration_cast<std::chrono::milliseconds>(parts_.clock.now() - begun);
  co_return told;
}

CopyTold FilesCopier::take_up(const files::FilesGoal& goal, const files::Report& report,
                              bool whole) {
  if (whole) last_.clear();
  for (const FolderReport& folder : report.folders)
    if (folder.result != FolderReport::Result::left_out || !last_.contains(folder.path))
      last_[folder.path] = folder;
  files::Report standing;
  standing.trouble = report.trouble;
  for (const auto& [path, folder] : last_) standing.folders.push_back(folder);
  told_ = files::file_conditions(goal, standing, {});
  return told_of(goal, report, standing);
}

void FilesCopier::forget() {
  parts_.replica.forget();
  compared_.reset();
}

Instant FilesCopier::due(const HAPair& pair, Instant /*begun*/) const {
  if (!compared_) return Instant::min();
  const Instant next = *compared_ + pair.replication.files_interval;
  const auto changed = follower_ ? follower_->due() : std::nullopt;
  return changed ? std::min(next, *changed) : next;
}

void FilesCopier::follow(const HAPair* pair) {
  std::vector<Tree> trees;
  if (pair != nullptr) trees = files::copy_sources(pair->product, pair->replication).trees;
  // Other folders are declared: all are looked at.
  if (trees != declared_) compared_.reset();
  declared_ = trees;
  if (pair != nullptr && !pair->replication.files_on_change) trees.clear();
  if (trees == wanted_) return;
  wanted_ = std::move(trees);
  if (follower_) follower_->stop();
  watching_->notify();
}

std::vector<Condition> FilesCopier::conditions() const {
  std::vector<Condition> conditions;
  for (const Condition& condition : told_)
    if (condition.type == "FileSourcesPresent") conditions.push_back(condition);
  if (!follower_) return conditions;
  for (Condition& condition : files::file_conditions({}, {}, follower_->unwatched()))
    if (condition.type == "FileChangesWatched") conditions.push_back(std::move(condition));
  return conditions;
}

}  // namespace tandem
