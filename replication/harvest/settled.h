// What the last harvest that ended well had seen: kept on the primary.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "core/pair.h"
#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem::harvest {

// A message that was on the secondary then, and is not here any more, was deleted by its user: the
// next harvest leaves it there.
struct Settled {
  std::optional<WallTime> at;
  std::set<std::string> messages;  // their keys; at most kSettledMax are kept

  bool operator==(const Settled&) const = default;
};

inline constexpr std::size_t kSettledMax = 50'000;

std::string to_text(const Settled& settled);
// invalid: it is no such text.
Result<Settled> read_settled(const std::string& text);

// STATE_DIR/harvest-settled.json. Nothing where there is none, or it can not be read: then a
// message that a user deleted here may come home once more.
Settled load_settled(Filesystem& disk, const std::string& state_dir);
Status keep_settled(Filesystem& disk, const std::string& state_dir, const Settled& settled);

}  // namespace tandem::harvest
