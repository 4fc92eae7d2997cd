#include "replication/harvest/fetch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "replication/files/command.h"
#include "replication/files/programs.h"

namespace tandem::harvest {
namespace {

using files::Reason;
using files::Trouble;

constexpr std::chrono::minutes kClearDeadline{2};
constexpr const char* kDiskFull = "DiskFull";
constexpr std::size_t kErrorsMax = 64U << 10U;
// The other node has no such folder: there is nothing to bring. The gate's words, or the kernel's.
constexpr std::string_view kNotThere = "No such file or directory";

bool is_not_there(const Result<CommandOutcome>& outcome) {
  if (!outcome.ok()) return false;
  const auto refusal = files::gate_refusal(outcome.value().errors);
  return refusal && refusal->find(kNotThere) != std::string::npos;
}

// What leaves kReservePercent of a disk free.
std::uint64_t room_in(const DiskSpace& space) {
  const std::uint64_t reserve = space.size / 100 * kReservePercent;
  return space.available > reserve ? space.available - reserve : 0;
}

std::string recordings_of(const std::vector<HarvestTree>& trees) {
  std::string paths;
  for (const HarvestTree& each : trees)
    if (each.kind == Kind::recordings) paths += (paths.empty() ? "" : ", ") + each.tree.path;
  return paths.empty() ? trees.front().tree.path : paths;
}

}  // namespace

std::string Fetch::place_of(const HarvestTree& tree) const {
  return parts_.folder + "/" + tree.store;
}

void Fetch::abort() {
  aborted_ = true;
  if (attended_ != nullptr) attended_->end();
}

Result<Command> Fetch::command(const FetchOrder& order, const HarvestTree& tree,
                               const std::vector<std::string>& ssh, bool only_compare) const {
  const auto checked = files::check_words(ssh);
  if (!checked.ok()) return checked.error();
  Command command;
  auto& argv = command.argv;
  argv = files::bound_to_us();
  // Whatever the other node said of a file, no more of it is taken than there is room for.
  if (!only_compare)
    argv.insert(argv.end(), {"/usr/bin/prlimit", fmt::format("--fsize={}", room_here())});
  // Neither links nor devices, nor owners and modes of the other node: nobody else reads it here.
  argv.insert(argv.end(), {"/usr/bin/rsync", "-rt", "--chmod=D0700,F0600", "--delete-delay"});
  if (only_compare) argv.emplace_back("-n");
  argv.push_back(fmt::format("--timeout={}", files::kSilenceMax.count()));
  for (std::string& option : files::itemised_options()) argv.push_back(std::move(option));
  for (const TreeRule& rule : tree.tree.rules)
    argv.push_back((rule.verb == TreeRule::Verb::include ? "--include=" : "--exclude=") +
                   rule.pattern);
  // What is here already, by name, size and time, needs no bringing. Messages have other numbers.
  if (tree.kind != Kind::voicemail)
    argv.push_back("--compare-dest=" + (parts_.root == "/" ? "" : parts_.root) + tree.tree.path);
  argv.push_back(fmt::format("--rsh={}", fmt::join(ssh, " ")));
  argv.emplace_back("--");
  argv.push_back(order.ends.peer + ":" + tree.tree.path + "/");
  argv.push_back(place_of(tree) + "/");
  command.deadline = std::max(
      std::chrono::duration_cast<std::chrono::milliseconds>(order.until - parts_.clock.now()),
      std::chrono::milliseconds{1});
  command.output_max = kErrorsMax;
  return command;
}

// Where it can not be told, it was found enough before.
std::uint64_t Fetch::room_here() const {
  const auto space = parts_.disk.space(parts_.folder);
  return space.ok() ? room_in(space.value()) : kBytesMax;
}

Task<Fetch::Pass> Fetch::pass(const FetchOrder& order, const HarvestTree& tree,
                              const std::vector<std::string>& ssh, bool only_compare) {
  Pass pass;
  auto made = command(order, tree, ssh, only_compare);
  if (!made.ok()) pass.trouble = Trouble{Reason::failed, made.error().message};
  if (!made.ok()) co_return pass;
  files::Itemised itemised;
  bool full = false;
  Attendance attendance([&](std::string_view piece) {
    itemised.hear(piece);
    // Nor of all files, whatever it said of their number.
    if (only_compare || full || room_here() > 0) return;
    full = true;
    attended_->end();
  });
  attended_ = &attendance;
  const auto outcome = co_await parts_.programs.attend(std::move(made).value(), attendance);
  attended_ = nullptr;
  pass.counts = itemised.counts();
  if (full) pass.trouble = Trouble{Reason::target_full, ""};
  if (full) co_return pass;
  if (is_not_there(outcome)) co_return pass;
  pass.trouble = files::trouble_of({tree.tree.path, order.peer_name}, order.ends, outcome);
  // What went away while it was read is no longer there.
  if (pass.trouble && pass.trouble->reason == Reason::source_changes) pass.trouble.reset();
  co_return pass;
}

// Twice where both are on one disk: once as brought, once in its place.
std::optional<std::string> Fetch::no_room(const FetchOrder& order, std::uint64_t bytes) {
  if (bytes > kBytesMax)
    return fmt::format(
        "{} has {} MiB to bring home, more than the limit of {} MiB; fetch the "
        "largest recordings by hand, they are below {}",
        order.peer_name, bytes >> 20U, kBytesMax >> 20U, recordings_of(order.trees));
  const auto ours = parts_.disk.space(parts_.folder);
  const auto theirs = parts_.files.space("/");
  if (!ours.ok()) return ours.error().message;
  if (!theirs.ok()) return theirs.error().message;
  const bool same = ours.value() == theirs.value();
  if (bytes * (same ? 2 : 1) <= room_in(ours.value()) && bytes <= room_in(theirs.value()))
    return std::nullopt;
  return fmt::format(
      "this node's disk has no room for {} MiB that {} has to bring home; make room "
      "there (df -h {})",
      (bytes >> 20U) + 1, order.peer_name, parts_.folder);
}

Task<FetchReport> Fetch::run(FetchOrder order) {
  FetchReport report;
  aborted_ = false;
  const auto fails = [&report](Reason reason, const std::string& message) {
    report.reason = files::reason_name(reason);
    report.trouble = message;
    // It is this node that takes.
    if (reason == Reason::target_full) report.reason = kDiskFull;
    if (reason == Reason::target_full)
      report.trouble = "this node's disk was full before all was brought; make room here (df -h)";
  };
  for (const HarvestTree& tree : order.trees) {
    const auto made = parts_.disk.make_directories(place_of(tree));
    if (!made.ok()) fails(Reason::failed, made.error().message);
    if (!made.ok()) co_return report;
  }
  auto ssh = co_await parts_.session.open(order.ends);
  if (!ssh.ok()) {
    const auto trouble = files::trouble_of_session(ssh.error());
    fails(trouble.reason, trouble.message);
    co_return report;
  }
  std::uint64_t planned = 0;
  for (const bool only_compare : {true, false}) {
    for (const HarvestTree& tree : order.trees) {
      const Pass passed = co_await pass(order, tree, ssh.value(), only_compare);
      if (only_compare) planned += passed.counts.bytes;
      if (!only_compare) report.bytes += passed.counts.bytes;
      if (!only_compare) report.files += passed.counts.files_sent;
      if (passed.trouble) fails(passed.trouble->reason, passed.trouble->message);
      if (aborted_) fails(Reason::aborted, "it was ended");
      if (report.trouble) break;
    }
    if (only_compare && !report.trouble) report.trouble = no_room(order, planned);
    if (only_compare && report.trouble && report.reason.empty()) report.reason = kDiskFull;
    if (report.trouble) break;
  }
  parts_.session.release();
  co_return report;
}

Task<Status> Fetch::clear() {
  const auto there = parts_.disk.status(parts_.folder);
  if (!there.ok()) co_return there.error();
  if (!there.value()) co_return success();
  Command command;
  command.argv = files::bound_to_us();
  for (const char* word : {"/usr/bin/rm", "-rf", "--"}) command.argv.emplace_back(word);
  command.argv.push_back(parts_.folder);
  command.deadline = kClearDeadline;
  command.output_max = kErrorsMax;
  Attendance attendance;
  const auto outcome = co_await parts_.programs.attend(std::move(command), attendance);
  if (!outcome.ok()) co_return outcome.error();
  if (outcome.value().succeeded()) co_return success();
  co_return Error{Fault::unavailable, parts_.folder + ": can not be removed"};
}

}  // namespace tandem::harvest
