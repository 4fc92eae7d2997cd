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
  if (!brought.ok()) return report_.add(brought.error());
  // For what a killed run left here. The years fill a folder of recordings beyond all that is
  // listed, so its files are looked at one by one.
  const auto here = entries_of(spool_, Side::here, path);
  if (!here.ok() && here.error().fault != Fault::too_large) return report_.add(here.error());
  for (const SpoolEntry& entry : brought.value()) {
    if (!report_.goes_on(order_)) return;
    if (is_hidden_name(entry.name)) continue;
    const bool fits = is_plain_name(entry.name) && entry.kind != Kind::other && depth < kDepthMax;
    if (!fits)
      ++report_.counts.refused;
    else if (entry.kind == Kind::folder)
      folder(joined(path, entry.name), depth + 1);
    else
      file(path, entry);
  }
}

void FolderMerge::file(const std::string& folder, const SpoolEntry& brought) {
  const auto ours = spool_.look(Side::here, joined(folder, brought.name));
  Status done = success();
  if (ours.ok()) {
    done = conflict(folder, brought, ours.value());
  } else if (ours.error().fault == Fault::not_found) {
    done = make_path(spool_, folder);
    if (done.ok()) done = add_as(spool_, joined(folder, brought.name), folder, brought.name);
    if (done.ok()) came_home();
  } else {
    done = ours.error();
  }
  if (!done.ok()) report_.add(done.error());
}

Status FolderMerge::conflict(const std::string& folder, const SpoolEntry& brought,
                             const SpoolEntry& ours) {
  const std::string path = joined(folder, brought.name);
  if (ours.kind == Kind::file && ours.size == brought.size) {
    // As the fetch judges. To read all again that an earlier run brought home would take the time
    // in which this one could bring the rest.
    if (ours.modified == brought.modified) return success();
    const auto mine = spool_.digest(Side::here, path), theirs = spool_.digest(Side::brought, path);
    if (!mine.ok()) return mine.error();
    if (!theirs.ok()) return theirs.error();
    if (mine.value() == theirs.value()) return success();
  }
  if (wins_ == Wins::neither || ours.kind != Kind::file) return put_beside(folder, brought.name);
  if (brought.modified <= ours.modified) return success();
  const auto replaced = replace_and_keep(spool_, folder, brought.name);
  if (!replaced.ok()) return replaced;
  ++report_.counts.kept_beside;
  came_home();
  return success();
}

Status FolderMerge::put_beside(const std::string& folder, const std::string& name) {
  const auto digest = spool_.digest(Side::brought, joined(folder, name));
  if (!digest.ok()) return digest.error();
  const std::string other = beside(name, digest.value());
  const auto there = spool_.look(Side::here, joined(folder, other));
  if (there.ok()) return success();
  if (there.error().fault != Fault::not_found) return there.error();
  const auto added = add_as(spool_, joined(folder, name), folder, other);
  if (!added.ok()) return added;
  ++report_.counts.kept_beside;
  came_home();
  return success();
}

}  // namespace tandem::harvest
