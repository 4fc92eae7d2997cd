// The backup addresses of the registrars: where phones turn when this node is silent.
//
// confd is preferred, as it carries a change to the devices; provd itself is written to only if
// there is no confd; and on a node that stands by, where provd is stopped, its documents are read
// from disk.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/confd.h"
#include "pbx/provd.h"
#include "pbx/provd_documents.h"
#include "ports/clock.h"
#include "resources/resource.h"

namespace tandem {

class Registrars {
 public:
  static constexpr std::string_view name = "registrars";
  static constexpr bool steps_are_independent = true;
  // The copies in devices are looked at so often, and whenever a registrar has changed.
  static constexpr std::chrono::minutes kCopiesEvery{5};

  enum class Source { confd, provd, disk };

  struct Desired {
    bool managed = false;
    Role role = Role::off;
    std::string backup;  // of every registrar without an override; "" is none
    std::map<std::string, RegistrarOverride> overrides;
  };

  struct Observed {
    Source source = Source::confd;
    std::vector<Registrar> registrars;
    std::optional<std::vector<RegistrarCopy>> copies;  // nullopt: not known, or not asked
    std::string copies_unknown;                        // why they are not known
  };

  struct Step {
    Source source = Source::confd;
    Registrar seen;
    std::string backup_host;
    std::string proxy_backup_host;
    std::string why;
  };

  Registrars(Confd& confd, Provd& provd, ProvdDocuments& documents, Clock& clock);

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);

  static std::optional<std::string> deferral(const Goal& goal);
  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);

 private:
  Task<Result<Observed>> observe_services();
  Task<void> add_copies(Observed& seen);

  Confd& confd_;
  Provd& provd_;
  ProvdDocuments& documents_;
  Clock& clock_;

  // The copies at the last look, which registrars they were compared with, and until when they
  // serve.
  std::vector<RegistrarCopy> copies_;
  std::vector<Registrar> copied_from_;
  Instant copies_until_{};
};

std::vector<Change> describe(const Registrars::Step& step);

static_assert(Resource<Registrars>);

}  // namespace tandem
