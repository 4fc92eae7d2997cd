// What keeps a copy from destroying what is on the other node.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ports/trees.h"
#include "replication/files/itemised.h"
#include "replication/files/memory.h"
#include "replication/files/reasons.h"

namespace tandem::files {

// So many files may go whatever the share: the last one of a small folder is no disaster.
inline constexpr std::uint64_t kFewFiles = 20;

// What a copy of one folder would do, as a comparison of both nodes told.
struct CopyPlan {
  CopyCounts counts;
  std::uint64_t files_here = 0;
  std::vector<std::string> deleted_names;  // the first of them, as rsync writes them

  // How many files are there now, of those that belong to the folder.
  std::uint64_t files_there() const {
    const std::uint64_t kept = files_here - std::min(files_here, counts.files_new);
    return kept + counts.files_deleted;
  }
  bool is_empty() const { return counts.items() == 0; }

  bool operator==(const CopyPlan&) const = default;
};

// Before the other node is asked: something that was mounted at the last copy is not.
std::optional<Trouble> guard_source(const Tree& tree, const TreeLook& look,
                                    const RememberedFolder* last);

// Before anything is changed there: the folder is empty here and is not the one that was copied
// last, or more of it would go than `max_shrink` percent and kFewFiles.
std::optional<Trouble> guard_plan(const Tree& tree, const TreeLook& look, const CopyPlan& plan,
                                  const RememberedFolder* last, int max_shrink);

}  // namespace tandem::files
