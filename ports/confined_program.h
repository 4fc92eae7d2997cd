// Becomes another program, which reaches one folder and nothing else.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "ports/descriptor.h"

namespace tandem {

// Opens ROOT/ALLOWED/BELOW as a place: it stays this folder, whatever its name leads to later.
// Links on the way to `allowed` are followed within the root; in `below` there may be none, for
// whoever may write into `allowed` could have made them. not_found, denied, invalid (a link, or no
// folder).
Result<Descriptor> hold_folder(const std::string& root, const std::string& allowed,
                               const std::string& below);

struct ConfinedProgram {
  std::vector<std::string> argv;  // argv[0] is absolute
  std::vector<std::string> environment;
  bool may_write = false;
};

// Replaces this process by the program, in `folder`, with the three streams and no other
// descriptor. Where the kernel has Landlock (Linux 5.13) it can open nothing but what is below the
// folder, its own libraries and the names of users; it can make no device anywhere. It gains no
// right by running a set-uid program. Returns only on failure.
Error become(const ConfinedProgram& program, const Descriptor& folder);

// Whether the running kernel confines so.
bool kernel_confines();

}  // namespace tandem
