// /etc/xivo/ha.conf: the role and the other node's address, as the vendor's services read them.
//
// Anything but the vendor's own bytes is drift. A node that is off may have no such file.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.h"
#include "core/goal.h"
#include "ports/filesystem.h"
#include "resources/resource.h"

namespace tandem {

class HaConf {
 public:
  static constexpr std::string_view name = "ha-conf";

  struct Desired {
    Role role = Role::off;
    std::string path;
    std::string remote_address;  // empty where the role is off
  };

  struct File {
    std::optional<std::string> content;  // nullopt: too large to be read
    mode_t mode = 0;
  };
  using Observed = std::optional<File>;  // nullopt: absent

  struct Step {
    enum class Verb { write, set_mode };
    Verb verb = Verb::write;
    std::string path;
    std::string content;
    std::vector<Change> changes;
  };

  explicit HaConf(Filesystem& files) : files_(files) {}

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  // Writes first: the right content under a wrong mode is better than the reverse.
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);

 private:
  Filesystem& files_;
};

std::vector<Change> describe(const HaConf::Step& step);

static_assert(Resource<HaConf>);

}  // namespace tandem
