// What a XiVO's contact centre must know of the pair: on the secondary, where the reporting is, and
// that this node is the standby of another.
//
// Its containers read /etc/docker/xivo/custom.env when they start, so a change takes effect only by
// commands that restart them. That they are owed is written down before the change; they are run on
// request alone, and never on a node that serves.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.h"
#include "core/goal.h"
#include "ports/accounts.h"
#include "ports/filesystem.h"
#include "ports/process.h"
#include "resources/resource.h"
#include "resources/unconfirmed.h"

namespace tandem {

class CcReplication {
 public:
  static constexpr std::string_view name = "cc-replication";
  // Its commands are run by `tandem apply --now` alone, whatever spec.changes.allow is.
  static constexpr bool furthest_on_request = true;
  // Of one command: packages may have to be downloaded.
  static constexpr std::chrono::minutes kCommandLimit{10};

  // A key of the environment file. nullopt: it must not say that this node is a standby.
  struct Setting {
    std::string key;
    std::optional<std::string> value;
  };

  struct Desired {
    Product product = Product::wazo;
    bool declared = false;   // spec.interconnection is there, and the product has a contact centre
    bool secondary = false;  // this node is the standby of another
    bool may_restart = false;  // it stands by: nobody telephones through it
    std::vector<Setting> settings;
  };

  struct Observed {
    bool has_containers = false;             // the folder of the environment file is there
    std::optional<std::string> environment;  // its content
    std::optional<Ownership> log_owner;      // of the log folder; nullopt: there is none
    std::optional<Ownership> wanted_log_owner;
    bool has_marker = false;
    bool owes_commands = false;
  };

  struct Step {
    enum class Verb { make_folder, set_owner, write_settings, create_marker, run_commands };
    Verb verb = Verb::make_folder;
    std::string path;
    Ownership owner;
    std::vector<Setting> settings;
    std::vector<std::vector<std::string>> commands;
    bool owes_commands = false;  // the change takes effect by the commands only
    std::vector<Change> changes;
  };

  // `files` and `commands` are the node's; `owed` is kept in the state directory.
  CcReplication(Filesystem& files, Process& commands, Unconfirmed& owed)
      : files_(files), commands_(commands), owed_(owed) {}

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  // The marker, by which the vendor's programs begin to use the rest, comes last.
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);

  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);

 private:
  Status write_settings(const Step& step);
  Task<Status> run_commands(const Step& step);

  Filesystem& files_;
  Process& commands_;
  Unconfirmed& owed_;
};

std::vector<Change> describe(const CcReplication::Step& step);

static_assert(Resource<CcReplication>);

}  // namespace tandem
