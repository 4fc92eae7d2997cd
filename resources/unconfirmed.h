// What was sent and not cleanly answered: a small set of names that outlives the operator.
//
// confd answers 500 to a write that it has committed but not made Asterisk reload for. No later
// look can tell, so the doubt is written down before the write, and struck out after a clean
// answer.
#pragma once

#include <set>
#include <string>

#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem {

class Unconfirmed {
 public:
  static constexpr std::size_t kNamesMax = 10'000;

  // `path` of the file, in the operator's state directory; it and its folder are made when needed.
  Unconfirmed(Filesystem& files, std::string path);

  Result<std::set<std::string>> names();
  // Names are words without white space.
  Status add(const std::string& name);
  Status remove(const std::string& name);

 private:
  Status write(const std::set<std::string>& names);

  Filesystem& files_;
  std::string path_;
};

}  // namespace tandem
