// What the vendor asks for after a change of role, and nobody does: a restart of its services, and
// phones that fetch their configuration again.
//
// It comes first in the order of a role, so that it still sees what the node was before.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/confd.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/process.h"
#include "ports/units.h"
#include "resources/phones_record.h"
#include "resources/resource.h"
#include "resources/role_record.h"

namespace tandem {

class AfterRoleChange {
 public:
  static constexpr std::string_view name = "after-role-change";
  // The whole stack stops and starts; the vendor's own call gives it as long.
  static constexpr std::chrono::minutes kRestartLimit{10};
  // How long the vendor's first copy, which begins with the hour, is given to end.
  static constexpr std::chrono::minutes kCopyLimit{10};

  struct Desired {
    Product product = Product::wazo;
    Role role = Role::off;
    std::string peer;
    bool standing_by = false;
    bool restarts = false;  // spec.restart is `do`
  };

  struct Observed {
    WallTime now{};
    Role found = Role::off;  // by ha.conf
    std::string found_peer;  // by ha.conf
    bool readable = true;    // ha.conf said either
    std::optional<RoleTaken> record;
    // The services that have run since before `restart_since` of the record.
    std::vector<std::string> old_services;
    std::optional<Error> services_unknown;
    std::optional<std::string> digest;  // of the registrars; nullopt: not asked, or not answered
    std::string digest_unknown;         // why
    std::optional<PhonesKnow> phones;
  };

  struct Step {
    enum class Verb { note_role, note_phones, restart };
    Verb verb = Verb::note_role;
    Product product = Product::wazo;
    bool standing_by = false;
    RoleTaken taken;
    PhonesKnow know;
    std::string services;  // which run since before
  };

  struct Records {
    RoleRecord& role;
    PhonesRecord& phones;
  };
  AfterRoleChange(Filesystem& files, Process& commands, Units& units, Confd& confd, Clock& clock,
                  Records records);

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);
  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);
  // Services that may have to be restarted, by what is declared, and could not be asked.
  static std::optional<Error> unseen(const Goal& goal, const Observed& seen);

 private:
  Status read_records(Observed& seen);
  Task<void> look_at_services(const Goal& goal, Observed& seen);
  Task<void> look_at_registrars(const Goal& goal, Observed& seen);

  Filesystem& files_;
  Process& commands_;
  Units& units_;
  Confd& confd_;
  Clock& clock_;
  Records records_;
};

// From when on the services must have been started anew; nullopt: the change asks for no restart.
// A new secondary is restarted after the vendor's first copy, which begins with the next hour
// (contract section 2).
std::optional<WallTime> restart_since(Product product, const RoleTaken& taken);

std::vector<Change> describe(const AfterRoleChange::Step& step);

static_assert(Resource<AfterRoleChange>);

}  // namespace tandem
