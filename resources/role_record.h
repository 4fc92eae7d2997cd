// Which role the node had, and since when: kept in the state directory, since ha.conf tells only
// what it is now.
#pragma once

#include <optional>
#include <string>

#include "core/goal.h"
#include "core/pair.h"
#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem {

struct RoleTaken {
  Role role = Role::off;
  std::string peer;       // the other node's address; "" for off
  Role from = Role::off;  // the role before
  // When it was taken, in whole seconds. nullopt: the node had it when Tandem came.
  std::optional<WallTime> changed;

  bool operator==(const RoleTaken&) const = default;
};

class RoleRecord {
 public:
  // `path` of the file; it and its folder are made when needed.
  RoleRecord(Filesystem& files, std::string path);

  // nullopt: nothing was written down yet, or what was is damaged.
  Result<std::optional<RoleTaken>> read();
  Status write(const RoleTaken& taken);

 private:
  Filesystem& files_;
  std::string path_;
};

}  // namespace tandem
