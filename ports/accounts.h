// Users and groups of the managed root, by name: its own numbers, never those of this host or of a
// container.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem {

struct Ownership {
  uid_t user = 0;
  gid_t group = 0;
  bool operator==(const Ownership&) const = default;
};

// "USER:GROUP" by /etc/passwd and /etc/group below the root. not_found: there is no such user or
// group; invalid: its line can not be understood.
Result<Ownership> find_ownership(Filesystem& files, std::string_view user_and_group);

}  // namespace tandem
