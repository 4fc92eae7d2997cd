// fail2ban does not ban the other node: its addresses are in `ignoreip` of every jail.
//
// The vendor's jail bans who sends OPTIONS without being known, for an hour; a banned node would
// take the other for dead. Nothing of fail2ban's files is written: an `ignoreip` of ours in jail.d
// would replace the administrator's list and not add to it. Instead the running server is told, and
// told again after it restarted (its socket is watched) or reloaded (the next look sees it).
//
// Its client is a slow program. Where all was right and nothing is seen that a ban, a reload or a
// restart leaves, it is spared until kAskEvery is over: what a person takes back by hand is seen
// then, or when an order looks.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/fail2ban.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "resources/resource.h"
#include "resources/spared.h"

namespace tandem {

class ProbeAllowed {
 public:
  static constexpr std::string_view name = "probe-allowed";
  static constexpr bool looks_afar = true;
  static constexpr bool steps_are_independent = true;

  // By jail: the addresses that we added.
  using Added = std::map<std::string, std::set<std::string>>;

  struct Desired {
    Role role = Role::off;
    std::vector<std::string> addresses;  // of the other node; none with HA off
  };

  struct Observed {
    enum class Server { not_installed, stopped, running } server = Server::not_installed;
    std::map<std::string, Jail> jails;
    Added added;  // of this run of the server; what it restarted with is not ours
  };

  struct Step {
    enum class Verb { ignore, unban, stop_ignoring };
    Verb verb = Verb::ignore;
    std::string jail;
    std::string address;
    Role role = Role::off;
  };

  // So long a server that shows no change is taken to be as it was.
  static constexpr std::chrono::minutes kAskEvery{5};

  // `files` is the node's, `disk` has `memory`, the file in the state directory that holds what we
  // added.
  ProbeAllowed(Filesystem& files, Process& commands, Filesystem& disk, std::string memory,
               const Clock& clock)
      : files_(files),
        fail2ban_(commands),
        disk_(disk),
        memory_(std::move(memory)),
        clock_(clock) {}

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  // An address is ignored before its ban is lifted: the other way round it could be banned anew.
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);
  void look_anew() { spared_.look_anew(); }

  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);

 private:
  // What changes with each run of the server, each reload and each ban. nullopt: it can not be
  // seen.
  std::optional<std::string> stamp_of_server();
  std::string run_of_server();
  Added read_added();
  Status remember(const Step& step, bool added);

  Filesystem& files_;
  Fail2ban fail2ban_;
  Filesystem& disk_;
  const std::string memory_;
  const Clock& clock_;

  std::map<std::string, Jail> known_;  // all was right with them
  Spared spared_;
};

std::vector<Change> describe(const ProbeAllowed::Step& step);

static_assert(Resource<ProbeAllowed>);

}  // namespace tandem
