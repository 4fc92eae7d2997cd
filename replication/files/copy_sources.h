// Which folders of the primary belong on the secondary.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/pair.h"
#include "ports/trees.h"

namespace tandem::files {

// A folder that is declared and is not copied.
struct UnfitFolder {
  std::string path;
  std::string why;  // and what to do

  bool operator==(const UnfitFolder&) const = default;
};

struct CopySources {
  std::vector<Tree> trees;  // none lies in another, unless the other leaves it out
  std::vector<UnfitFolder> unfit;
  std::set<std::string> declared{};  // of the trees: those that the product does not name itself
};

// The vendor's folders of the product, the tenants' sounds without what calls are recorded in, what
// of voicemail is declared, and spec.replication.files.directories. The gate of the secondary lets
// the same in (gate_folders in app/gate.h). Unfit is what holds the role or the secrets of a node:
// a copy of it would make the secondary another primary, or take its own keys away.
CopySources copy_sources(Product product, const Replication& replication);

}  // namespace tandem::files
