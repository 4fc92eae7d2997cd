// The two files by which Wazo's programs learn the node's role. At most one exists; XiVO has none.
//
// Only their existence counts: what is in them is left alone.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.h"
#include "core/goal.h"
#include "ports/filesystem.h"
#include "resources/resource.h"

namespace tandem {

class Sentinels {
 public:
  static constexpr std::string_view name = "sentinels";

  struct Desired {
    Role role = Role::off;
    std::set<std::string> paths;  // what should exist
    std::string folder;           // where; the vendor's own calls fail without it
  };
  struct Observed {
    std::set<std::string> paths;  // what does exist
    bool has_folder = true;
  };

  struct Step {
    enum class Verb { remove, make_folder, create };
    Verb verb = Verb::remove;
    std::string path;
    Role role = Role::off;  // what wants it
  };

  explicit Sentinels(Filesystem& files) : files_(files) {}

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  // Removals come first: for a moment the node may have no role, but it never has two.
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);

 private:
  Filesystem& files_;
};

std::vector<Change> describe(const Sentinels::Step& step);

static_assert(Resource<Sentinels>);

}  // namespace tandem
