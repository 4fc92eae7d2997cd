// A walk over a tree, for a thread that may wait for a disk.
#pragma once

#include <atomic>
#include <optional>

#include "core/result.h"
#include "ports/rooted_path.h"
#include "ports/trees.h"

namespace tandem {

// As Trees::look(); cancelled once `stop` is set.
Result<std::optional<TreeLook>> walk_tree(const Root& root, const Tree& tree,
                                          const std::atomic<bool>& stop);

}  // namespace tandem
