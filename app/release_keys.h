// The way between the two nodes, taken back: our line in authorized_keys, and our key.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem {

// `files` has the managed root, where root's authorized_keys is; `disk` is at `/`, where the key
// is, in `folder`, and the password of the database role. Only what `tandem init` made goes: every
// other line and file, the administrator's ssh configuration among them, and the vendor's key, stay
// as they are. Returns what was removed, a sentence each; nothing where nothing of ours was there.
// Repeated, it finishes.
Result<std::vector<std::string>> release_keys(Filesystem& files, Filesystem& disk,
                                              const std::string& folder,
                                              const std::string& password_file);

}  // namespace tandem
