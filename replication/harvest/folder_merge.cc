#include "replication/harvest/folder_merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "replication/harvest/names.h"

namespace tandem::harvest {
namespace {

using Side = Spool::Side;
using Kind = SpoolEntry::Kind;

}  // namespace

void FolderMerge::folder(const std::string& path, int depth) {
  const auto brought = entries_of(spool_, Side::brought, path);
  const auto here = entries_of(spool_, Side::here, path);
  if (!brought.ok()) return report_.add(brought.error());
  if (!here.ok()) return report_.add(here.error());
  for (const SpoolEntry& entry : brought.value()) {
    if (!report_.goes_on(order_)) return;
    if (is_hidden_name(entry.name)) continue;
    const bool fits = is_plain_name(entry.name) && entry.kind != Kind::other && depth < kDepthMax;
    if (!fits)
      ++report_.counts.refused;
    else if (entry.kind == Kind::folder)
      folder(joined(path, entry.name), depth + 1);
    else
      file(path, entry, here.value());
  }
}

void FolderMerge::file(const std::string& folder, const SpoolEntry& brought,
                       const std::vector<SpoolEntry>& here) {
  const auto ours = std::ranges::find(here, brought.name, &SpoolEntry::name);
  Status done = success();
  if (ours == here.end()) {
    done = make_path(spool_, folder);
    if (done.ok()) done = add_as(spool_, joined(folder, brought.name), folder, brought.name);
    if (done.ok()) came_home();
  } else {
    done = conflict(folder, brought, *ours, here);
  }
  if (!done.ok()) report_.add(done.error());
}

Status FolderMerge::conflict(const std::string& folder, const SpoolEntry& brought,
                             const SpoolEntry& ours, const std::vector<SpoolEntry>& here) {
  const std::string path = joined(folder, brought.name);
  if (ours.kind == Kind::file && ours.size == brought.size) {
    const auto mine = spool_.digest(Side::here, path), theirs = spool_.digest(Side::brought, path);
    if (!mine.ok()) return mine.error();
    if (!theirs.ok()) return theirs.error();
    if (mine.value() == theirs.value()) return success();
  }
  if (wins_ == Wins::neither || ours.kind != Kind::file)
    return put_beside(folder, brought.name, here);
  if (brought.modified <= ours.modified) return success();
  const auto replaced = replace_and_keep(spool_, folder, brought.name);
  if (!replaced.ok()) return replaced;
  ++report_.counts.kept_beside;
  came_home();
  return success();
}

Status FolderMerge::put_beside(const std::string& folder, const std::string& name,
                               const std::vector<SpoolEntry>& here) {
  const auto digest = spool_.digest(Side::brought, joined(folder, name));
  if (!digest.ok()) return digest.error();
  const std::string other = beside(name, digest.value());
  if (std::ranges::find(here, other, &SpoolEntry::name) != here.end()) return success();
  const auto added = add_as(spool_, joined(folder, name), folder, other);
  if (!added.ok()) return added;
  ++report_.counts.kept_beside;
  came_home();
  return success();
}

}  // namespace tandem::harvest
