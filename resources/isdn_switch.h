// The ISDN switches of the pair, set from the secondary: the lines follow the node that serves.
//
// Who serves must be known for certain: the vendor's marker and Asterisk's unit must agree, unless
// the stance has been decided. A relay's position is read only by the command that the declaration
// names; else it is what we last set.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.h"
#include "core/goal.h"
#include "pbx/bnfos.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/process.h"
#include "ports/units.h"
#include "resources/relay_memory.h"
#include "resources/resource.h"

namespace tandem {

class IsdnSwitches {
 public:
  static constexpr std::string_view name = "isdn-switch";
  // It follows the node that serves, whatever spec.changes.allow is.
  static constexpr bool follows_stance = true;
  // A switch out of reach does not keep the others from being set.
  static constexpr bool steps_are_independent = true;
  static constexpr std::chrono::seconds kSetLimit{20};
  static constexpr std::chrono::seconds kReadLimit{10};
  // How often another hand must have undone a switching within kUndoneWindow to be told.
  static constexpr std::size_t kUndoneTold = 2;
  static constexpr std::size_t kUndoneKept = 8;
  static constexpr std::chrono::hours kUndoneWindow{1};

  struct Serving {
    LinesTo node = LinesTo::unknown;
    std::string why;       // for unknown: what could not be told
    bool unasked = false;  // the marker or the unit could not be looked at
  };

  struct Device {
    IsdnDevice device;
    LinesTo lines = LinesTo::unknown;
    bool was_read = false;           // else it is what we last set
    std::string unreadable;          // why the declared command told nothing
    std::chrono::seconds dwells{0};  // how long it is still to be left alone
    std::string unreachable;         // why the last switching failed
    std::size_t undone = 0;          // how often another hand undid ours, within the window
  };

  struct Desired {
    bool is_ours = false;  // whether the switches are this node's to set
    std::string program;
  };

  struct Observed {
    Serving serving;
    std::vector<Device> devices;
  };

  struct Step {
    std::string device;
    LinesTo from = LinesTo::unknown;
    LinesTo to = LinesTo::unknown;
    std::string program;
  };

  // `files`, `commands` and `units` are the node's; `memory` is kept in the state directory.
  IsdnSwitches(Filesystem& files, Process& commands, Units& units, RelayMemory& memory,
               Clock& clock)
      : files_(files), commands_(commands), units_(units), memory_(memory), clock_(clock) {}

  static std::set<std::string> watched(const Goal& goal);
  static std::set<std::string> watched_units(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);

  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);
  // Who serves, or a device that a command is declared for to read it.
  static std::optional<Error> unseen(const Goal& goal, const Observed& seen);

 private:
  // What this process knows of a switch beyond the memory.
  struct Own {
    std::optional<RelayMemory::Entry> set;
    Instant set_since{};          // by the clock that does not jump
    bool undone_counted = false;  // of the last setting
    std::vector<Instant> undone;
    std::string unreachable;
  };

  Task<Serving> who_serves(const Goal& goal);
  Task<void> read_position(std::vector<std::string> argv, Device& device);
  void note_undone(const Device& device, Own& own) const;
  std::chrono::seconds dwell_left(const Own& own, const std::optional<RelayMemory::Entry>& kept,
                                  Duration dwell) const;

  Filesystem& files_;
  Process& commands_;
  Units& units_;
  RelayMemory& memory_;
  Clock& clock_;
  std::map<std::string, Own> own_;
};

std::vector<Change> describe(const IsdnSwitches::Step& step);

static_assert(Resource<IsdnSwitches>);

}  // namespace tandem
