// The vendor's two cron files: the hourly copy on a primary (xivo-ha-master), the failure detection
// each minute on a secondary (xivo-ha-slave). Each is there, with the vendor's own bytes, only
// where the spec leaves that work to the vendor.
#pragma once

#include <map>
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

class CronFiles {
 public:
  static constexpr std::string_view name = "cron-files";

  // What a plan says of one of the two jobs.
  struct Job {
    std::string_view starts, stops, differs;
  };

  struct Wanted {
    std::string path;
    std::optional<std::string> content;  // nullopt: absent
    std::string_view why;
    Job job;
  };
  struct Desired {
    Product product = Product::wazo;
    std::vector<Wanted> files;
  };

  struct File {
    std::optional<std::string> content;  // nullopt: too large to be read
    mode_t mode = 0;
  };
  using Observed = std::map<std::string, File>;  // by path

  struct Step {
    enum class Verb { remove, write, set_mode };
    Verb verb = Verb::remove;
    std::string path;
    std::string content;
    Change change;
  };

  explicit CronFiles(Filesystem& files) : files_(files) {}

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  // Removals come first: the jobs of two roles never run on one node. A mode comes after the
  // content: cron ignores a file that others may write, and must not be brought to run a wrong one.
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);

 private:
  Result<std::optional<File>> look_at(const std::string& path);

  Filesystem& files_;
};

std::vector<Change> describe(const CronFiles::Step& step);

static_assert(Resource<CronFiles>);

}  // namespace tandem
