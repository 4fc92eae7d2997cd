// What the last good copy of each folder was made of: what tells a folder that was emptied from one
// that is not mounted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/filesystem.h"
#include "ports/trees.h"

namespace tandem::files {

struct RememberedFolder {
  std::uint64_t number = 0;  // its inode
  bool is_mount = false;
  std::vector<std::string> mounts{};  // below it
  std::uint64_t files = 0;

  bool operator==(const RememberedFolder&) const = default;
};

RememberedFolder remembered(const TreeLook& look);

// By path. Kept in a file of stateDir, which a restart outlives. Where it is lost the guards know
// less: an empty folder is then never copied without an order.
using RememberedFolders = std::map<std::string, RememberedFolder>;

std::string to_text(const RememberedFolders& folders);
// invalid: it is no such text.
Result<RememberedFolders> read_remembered(const std::string& text);

// {} where there is none, or what is there can not be read: it is made anew by the next copies.
RememberedFolders load_remembered(Filesystem& disk, const std::string& state_dir);
Status keep_remembered(Filesystem& disk, const std::string& state_dir,
                       const RememberedFolders& folders);

}  // namespace tandem::files
