// The loop: when each resource is reconciled, with which goal and permission. Every pass starts
// from what is, so a missed or doubled wake-up does no harm.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/goal.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/units.h"
#include "reconciler/board.h"
#include "reconciler/gate.h"
#include "reconciler/managed.h"
#include "reconciler/observer.h"
#include "reconciler/schedule.h"
#include "reconciler/spec_keeper.h"
#include "reconciler/surroundings.h"

namespace tandem {

struct LoopParts {
  Clock& clock;
  Filesystem& node;  // the managed root
  Filesystem& disk;  // `/`: where pair.yaml is
  SpecKeeper& specs;
  Surroundings& surroundings;
  std::vector<Observer*> observers;
  std::string node_name;
  Units* units = nullptr;  // nullptr: there are none, and nobody watches any
  bool stays = true;       // false: one pass only, so that nobody goes on following a stance
  std::function<std::optional<Suspension>()> suspension_by_order = {};  // empty: there is never one
  // Whether any suspension lasts, whatever the wall clock says; empty: the wall clock says it.
  std::function<std::optional<bool>()> suspension_lasts = {};
  // What takeover and failback make of the goal; empty: nothing is decided about telephony.
  std::function<void(Goal&)> shape = {};
  // What others than the resources tell, asked for at each turn.
  std::vector<std::function<std::vector<Condition>()>> tellers = {};
  // That the secondary is in maintenance, as far as is known here; empty: it never is.
  std::function<std::optional<Maintenance>()> secondary_out = {};
  // Why a structural change may not come into force just now.
  std::function<std::optional<std::string>()> structural_veto = {};
};

struct ApplyOrder {
  bool beyond_allowed = false;  // --now: changes beyond spec.changes.allow as well
  bool structural = false;
  std::string reason;  // with structural
};

struct ApplyResult {
  bool converged = false;
  std::vector<Report> reports;  // the last of each resource, with all that was done since the order
  std::vector<std::string> notes;  // sentences for a person
};

class Loop {
 public:
  static constexpr std::chrono::seconds kWizardRetry{10};
  static constexpr std::chrono::minutes kWizardPeriod{5};
  static constexpr std::chrono::seconds kStopLimit{10};
  static constexpr std::chrono::seconds kApplyLimit{240};  // over the slowest PUT's deadline
  // A unit that comes and goes sends many signals: between two looks because of them.
  static constexpr std::chrono::milliseconds kUnitsGap{200};
  // For so long the node's addresses and what tells of an upgrade are taken to be as seen.
  static constexpr std::chrono::milliseconds kLookAround{250};
  // At the start the resources that look afar wait for the others' first look, and for so long.
  static constexpr std::chrono::seconds kNearFirst{1};

  Loop(LoopParts parts, std::vector<std::unique_ptr<Managed>> resources);

  // Reconciles until stop(), then waits for what is running, at most kStopLimit.
  Task<void> run();
  void stop();

  // Asks for a look at everything now.
  void request();
  // Asks for a look at one resource now.
  void look_at(std::string_view resource);
  // What is told beside the resources is new; nothing is looked at for it.
  void turn_soon() { signal_->notify(); }

  // One converging pass over all resources while run() runs. invalid: the declaration was refused,
  // or there is none. The board has the reports.
  Task<Result<ApplyResult>> apply(ApplyOrder order);

  const Board& board() const { return board_; }
  const SpecView& spec() const { return parts_.specs.view(); }
  const std::optional<Goal>& goal() const { return goal_; }
  const GateFacts& facts() const { return facts_; }
  // Every resource was looked at, those aside that wait for other programs or the other node.
  bool passed_once() const { return passed_once_; }
  bool stopping() const { return stopping_; }
  // When the loop last turned; it turns at least every Schedule::kPeriod.
  Instant turned() const { return turned_; }

 private:
  static void give_up(const std::string& why);
  Instant turn(boost::asio::any_io_executor executor);
  Instant look_at_spec(Instant now, bool at_once);
  void refresh_goal(Instant now);
  void look_around(const Goal& goal, Instant now);
  void forget_looks();
  Permission permission(WallTime wall) const;
  Permission permission_of(std::size_t index, const Permission& general, Instant now) const;
  void start_due(boost::asio::any_io_executor executor, Instant now);
  Task<void> reconcile_one(std::size_t index, std::shared_ptr<const Goal> goal,
                           Permission permission);
  Task<std::optional<Permission>> turn_of(std::size_t index, Permission permission);
  std::optional<Permission> closed();
  void note_readiness();
  Task<void> watch_wizard();
  Task<void> read_wizard();
  // One set of files that is watched: the pair's declaration, or what the goal makes ours.
  struct Watched {
    Watch* armed = nullptr;
    std::optional<Error> error;
    std::uint64_t round = 0;  // a coroutine of an earlier round ends
  };
  using Changed = std::function<void(const std::set<std::string>&)>;
  Task<void> watch(Filesystem& files, std::set<std::string> paths, Watched& watched,
                   Changed changed);
  void watch_node(boost::asio::any_io_executor executor);
  void files_changed(const std::set<std::string>& paths);
  Task<void> watch_units(std::set<std::string> names, std::uint64_t round);
  void units_changed(const std::set<std::string>& names);
  void publish(Instant now);
  void put(const Condition& condition);
  void publish_of(const Report& report);
  void publish_also_told();
  void record(const Report& report);
  Condition contested(Instant now) const;
  Condition files_watched() const;
  void wake_waiters();

  LoopParts parts_;
  std::vector<std::unique_ptr<Managed>> resources_;
  Schedule schedule_;
  Board board_;
  std::unique_ptr<Signal> signal_;  // the loop's own
  std::unique_ptr<Signal> wizard_signal_;
  std::vector<Signal*> waiters_;      // of apply()
  std::vector<ApplyResult*> orders_;  // of apply(), to be told of each report
  std::vector<Signal*> sleepers_;     // woken by stop() alone
  Watched pair_file_, node_files_;

  std::optional<Goal> goal_;
  std::int64_t goal_generation_ = -1;  // of the declaration that goal_ was made from
  GateFacts facts_;
  UpgradeWatch upgrade_;
  Instant spec_due_ = Instant::min();
  Instant look_around_due_ = Instant::min();
  std::set<std::string> node_paths_;
  std::set<std::string> unit_names_;
  UnitWatch* armed_units_ = nullptr;
  std::uint64_t unit_round_ = 0;
  std::map<std::string, std::map<std::string, bool>> told_;  // resource: condition, good_when_true
  std::set<std::string> also_told_;  // the types of also_told() at the last turn
  Instant turned_{}, began_{};
  bool passed_once_ = false;
  bool acted_ = false;  // whether the last turn was allowed to act
  bool stopping_ = false;
  int background_ = 0;  // coroutines under way beside the resources
};

}  // namespace tandem
