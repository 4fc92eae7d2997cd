#include "replication/files/guards.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem::files {
namespace {

using enum Reason;

constexpr std::string_view kForce = "if it is meant: tandem replicate files --force REASON";

bool is_the_same(const TreeLook& look, const RememberedFolder& last) {
  return look.number == last.number && look.is_mount == last.is_mount;
}

}  // namespace

std::optional<Trouble> guard_source(const Tree& tree, const TreeLook& look,
                                    const RememberedFolder* last) {
  if (last == nullptr) return std::nullopt;
  const auto missing = [&](const std::string& at) {
    return Trouble{
        not_mounted,
        fmt::format("{}: nothing is mounted at {}, where something was at the last copy; "
                    "nothing is copied or deleted on the other node; mount it, or {}",
                    tree.path, at, kForce)};
  };
  if (last->is_mount && !look.is_mount) return missing(tree.path);
  for (const std::string& name : last->mounts)
    if (!std::ranges::binary_search(look.mounts, name)) return missing(tree.path + "/" + name);
  return std::nullopt;
}

std::optional<Trouble> guard_plan(const Tree& tree, const TreeLook& look, const CopyPlan& plan,
                                  const RememberedFolder* last, int max_shrink) {
  const std::uint64_t going = plan.counts.files_deleted, there = plan.files_there();
  if (going == 0) return std::nullopt;
  if (plan.files_here == 0 && (last == nullptr || !is_the_same(look, *last)))
    return Trouble{
        source_empty,
        fmt::format("{}: the folder is empty here, as an empty mount point is, and it is not the "
                    "one that was copied last; {} files are on the other node and stay there; fill "
                    "or mount it, or {}",
                    tree.path, there, kForce)};
  if (going <= kFewFiles || going * 100 <= there * static_cast<std::uint64_t>(max_shrink))
    return std::nullopt;
  return Trouble{
      shrink,
      fmt::format("{}: {} of {} files would be deleted on the other node, more than "
                  "spec.replication.files.maxShrink of {}% allows; nothing was copied or deleted; "
                  "look whether the folder is complete here, or {}",
                  tree.path, going, there, max_shrink, kForce)};
}

}  // namespace tandem::files
