// systemd's units, over D-Bus; the library stays inside the real one.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

// What is read of a unit in one look, in the words of org.freedesktop.systemd1.
struct UnitState {
  std::string load = "not-found";   // LoadState: loaded, not-found, masked, bad-setting, error
  std::string active = "inactive";  // active, reloading, inactive, failed, activating,
                                    // deactivating
  std::string sub = "dead";         // SubState: running, dead, exited, auto-restart, ...
  std::string file;                 // UnitFileState: enabled, disabled, masked, static, ... or ""
  std::string job;                  // the type of the job that waits or runs: start, stop, ...
  std::string result;               // of a service: success, exit-code, signal, watchdog, ...
  // ActiveEnterTimestamp, by the host's clock; nullopt: it has not been active since the boot.
  std::optional<std::chrono::system_clock::time_point> active_since{};

  bool operator==(const UnitState&) const = default;
};

// What is waited for: changes of the state of units.
class UnitWatch {
 public:
  virtual ~UnitWatch() = default;

  // The watched units whose state may have changed since the last call, never empty. The first call
  // returns all of them as soon as signals can come, and so does the first one after a connection
  // was lost and is there again: what was missed is looked at then. Late, doubled and needless ones
  // are allowed: a caller looks again, and polls besides. At most one call at a time.
  // Fault::cancelled once stop() was called.
  virtual Task<Result<std::set<std::string>>> next() = 0;
  // Ends the next() that waits, and all later ones. A watch is destroyed only when no next() waits.
  virtual void stop() = 0;
};

class Units {
 public:
  static constexpr std::chrono::seconds kCallLimit{5};  // of one states()
  static constexpr std::size_t kUnitsMax = 256;         // of one states(), of one watch()

  virtual ~Units() = default;

  // The state of each unit named ("asterisk.service"), by the name given, also where that is an
  // alias; one that systemd does not know has load "not-found". It changes nothing. unavailable: no
  // bus, or no systemd on it; denied; timed_out; invalid: no unit's name; too_large: too many.
  virtual Task<Result<std::map<std::string, UnitState>>> states(std::vector<std::string> names) = 0;

  // Signals of these units from now on. Where there is no bus the watch waits for one.
  virtual std::unique_ptr<UnitWatch> watch(std::set<std::string> names) = 0;
};

}  // namespace tandem
