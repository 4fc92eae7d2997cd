// The telephony services of the node: whether it serves or stands by.
//
// It is read from systemd, from the vendor's standby marker, from the firewall and from Asterisk's
// own answer to an OPTIONS. It is changed by the vendor's commands alone, and only where the goal
// has a stance; as_is, the node is observed and nothing is ever started or stopped.
#pragma once

#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/failover.h"
#include "pbx/service_groups.h"
#include "pbx/sip.h"
#include "ports/activity.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/process.h"
#include "ports/units.h"
#include "resources/resource.h"

namespace tandem {

class Services {
 public:
  static constexpr std::string_view name = "services";
  static constexpr bool follows_stance = true;

  // What ends a command that has no time left takes at most so long.
  static constexpr std::chrono::seconds kEndLimit{15};
  // A failback waits for a look at the calls: no command keeps one from it for longer.
  static constexpr std::chrono::seconds kPatience{10};
  // A failed command is not given again before; what it stirs up would wake us at once.
  static constexpr std::chrono::seconds kCommandPause{30};
  // So long after the vendor's command Asterisk must at least be on its way up.
  static constexpr std::chrono::seconds kStartLimit{20};
  // What is started one by one may take so long each.
  static constexpr std::chrono::seconds kUnitLimit{60};
  // So long an Asterisk that runs must be silent before the primary restarts it.
  static constexpr std::chrono::seconds kSilence{15};
  // An Asterisk that runs and does not answer is restarted at most so often.
  static constexpr std::chrono::minutes kRestartPause{4};
  // How long Asterisk, started a moment ago, may take to answer.
  static constexpr std::chrono::seconds kAnswerLimit{20};
  // All commands of the vendor are one job: never two at once, and a later operator waits for it.
  static constexpr const char* kJob = "telephony";

  enum class Answer { yes, silence, refused, not_asked };
  enum class Port { open, blocked, unknown, not_looked };

  struct Desired {
    Stance stance = Stance::as_is;
    ServiceGroups groups;
    std::string own_address;
    int sip_port = 5060;
    bool secret_commands = false;  // declared ones: their arguments are not shown
    bool by_parts = false;
    bool count_calls = false;
    Duration start_limit{};  // of a command that starts something
    Duration stop_limit{};
    std::string marker;
  };

  struct Observed {
    Result<std::map<std::string, UnitState>> units = std::map<std::string, UnitState>{};
    bool disabled = false;      // the standby marker is there
    bool command_runs = false;  // a program of the vendor's changes the services just now
    Answer answer = Answer::not_asked;
    std::string answer_note;  // why it was not asked
    Port port = Port::not_looked;
    std::size_t blocking_rules = 0;
    std::string port_note;  // why it is not known
    std::optional<int> calls{};
    std::optional<Instant> calls_at{};  // when they were counted
    std::string restart{};  // a unit of the primary's that may be restarted now; "" for none
    std::string restart_why{};
  };

  struct Step {
    enum class Verb { serve, serve_by_parts, stand_by, enable, start, restart, await_answer };
    Verb verb = Verb::serve;
    std::vector<std::string> argv;
    std::string shown;  // the command as a person may see it
    std::string from;
    std::string why;
    Desired want;
  };

  struct Ports {
    Units& units;
    Filesystem& files;
    Process& commands;
    Activity& activity;
    Sip& sip;
    Clock& clock;
  };

  using Told = std::function<void(const OwnServices&)>;

  // `told` is given what each look saw.
  explicit Services(Ports ports, Told told = {}) : ports_(ports), told_(std::move(told)) {}

  static std::set<std::string> watched(const Goal& goal);
  static std::set<std::string> watched_units(const Goal& goal);
  static Desired desired(const Goal& goal);
  // What the node should be from now on. A command of the vendor's that is under way, and that
  // takes long or hangs, gives way to it.
  void heed(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);

  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);

 private:
  Task<void> ask_sip(const Goal& goal, const ServiceGroups& groups, Observed& seen);
  Task<void> look_at_port(const Goal& goal, Observed& seen);
  Task<void> count_calls(Observed& seen);
  void look_for_restart(const Goal& goal, const ServiceGroups& groups, Observed& seen);
  // A command of the vendor's. It goes on where the pass that began it does not wait for it.
  struct UnderWay {
    std::vector<std::string> argv;
    bool stops = false;  // it is the one to stand by
    Instant begun{};
    Instant limit{};
    bool looked = false;  // whether it came as far as Asterisk
    bool done = false;
    std::optional<Status> result;  // of one that is done; none where it was dropped
    std::exception_ptr thrown;
    std::unique_ptr<Signal> changed;  // it is done, or the goal is another one
  };
  class AtEnd;

  Task<Status> ask_until_answered(const Step& step);
  Task<Status> run_command(const Step& step);
  Task<bool> has_taken_effect(const Step& step);
  Task<Status> make_way(const Step& step);
  Task<Status> end_all_but(std::vector<std::string> kept);
  Task<std::shared_ptr<UnderWay>> begin(const Step& step);
  Task<void> carry_out(std::shared_ptr<UnderWay> command, Step step);
  Task<Status> follow(std::shared_ptr<UnderWay> command, const Step& step);
  Task<Status> give_way(const Step& step);
  Status conclude(const Step& step, const UnderWay& command);
  bool is_contrary(const Step& step) const;
  bool gives_way(const Step& step, int asked_before, Instant since) const;
  Task<void> start_if_not_begun(const Step& step, const UnderWay& command);
  Task<Status> start_by_parts(const Step& step);
  Task<void> attempt(std::vector<std::string> argv);
  Task<void> open_port(int port);

  Ports ports_;
  Told told_;
  std::shared_ptr<UnderWay> under_way_;
  // As heed() was told last.
  std::optional<Stance> stance_;
  bool by_parts_ = false, count_calls_ = false;
  int by_parts_asked_ = 0;               // how often it became so
  std::optional<Instant> restarted_;     // Asterisk, by us
  std::deque<Instant> local_restarts_;   // of the last hour
  std::optional<Instant> silent_since_;  // own SIP, of an Asterisk that runs
  // The last answer of Asterisk, for a look that comes too soon after it.
  Answer last_answer_ = Answer::not_asked;
  Instant answered_at_{};
  // The last command that failed.
  std::vector<std::string> failed_;
  Error failure_;
  Instant failed_at_{};
};

std::vector<Change> describe(const Services::Step& step);

static_assert(Resource<Services>);

// How one unit is, and how all of a list are: what both the steps and the conditions go by.
namespace services {

bool is_up(const UnitState& unit);        // active, or on the way from active to active
bool is_starting(const UnitState& unit);  // on its way up
bool is_down(const UnitState& unit);      // stopped or failed, and nothing will start it
const UnitState& state_of(const Services::Observed& seen, const std::string& unit);  // units known
bool all_up(const Services::Observed& seen, const std::vector<std::string>& names);
bool all_down(const Services::Observed& seen, const std::vector<std::string>& names);
// Of the units that must be active, those that this release has.
std::vector<std::string> installed(const Services::Observed& seen, const ServiceGroups& groups,
                                   const std::vector<std::string>& names);
// What the decision on takeover and failback goes by.
OwnServices summary(const ServiceGroups& groups, const Services::Observed& seen);

}  // namespace services

}  // namespace tandem
