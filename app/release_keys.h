// The way between the two nodes, taken back: our line in authorized_keys, and our key.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem {

// What `tandem init` left, and where.
struct KeyPlaces {
  std::string folder;         // spec.sshDir
  std::string password_file;  // of the database role
  std::string peer_address;   // whose host key is pinned
};

// `files` has the managed root, where root's authorized_keys is; `disk` is at `/`. Only what
// `tandem init` made goes: the key whose public half says so, the other node's lines of
// known_hosts, our line of authorized_keys, the password. Every other line and file, the
// administrator's ssh configuration and keys among them, and the vendor's key, stay as they are.
// Returns what was removed, or found not to be ours, a sentence each. Repeated, it finishes.
Result<std::vector<std::string>> release_keys(Filesystem& files, Filesystem& disk,
                                              const KeyPlaces& places);

}  // namespace tandem
