// What a node owes to the other one: it has served, and what users left on it has not come home.
//
// A small file in its stateDir, written before it begins to serve. While it says so, its gate lets
// nobody write over what is to come home.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/pair.h"
#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem::harvest {

struct Owed {
  std::uint64_t number = 0;  // of the last time that it began to serve; it only grows
  WallTime since{};          // the first time of all that has not come home
  bool owed = false;

  bool operator==(const Owed&) const = default;
};

// What is kept, `state_dir` as of operator.yaml, on `disk` at `/`; nothing where there is no file.
// invalid: the file is no such text.
Result<Owed> read_owed(Filesystem& disk, const std::string& state_dir);

// The node is about to serve: a new number, so that a harvest under way does not end what comes
// from now on. `since`: when nobody was served last, where that was not just now. What can not be
// read is owed from the beginning of time on.
Status owe(Filesystem& disk, const std::string& state_dir, WallTime now,
           std::optional<WallTime> since = std::nullopt);

// Number N has come home. invalid: another one is owed by now. Success where none is.
Status settle(Filesystem& disk, const std::string& state_dir, std::uint64_t number);

// What the node tells over the restricted key.
struct OwedAnswer {
  Owed owed;
  bool stands_by = false;  // nothing is left there any more

  bool operator==(const OwedAnswer&) const = default;
};
std::string to_text(const OwedAnswer& answer);
// invalid: it is no such text.
Result<OwedAnswer> read_answer(const std::string& text);

}  // namespace tandem::harvest
