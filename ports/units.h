// systemd's units, over D-Bus; the library stays inside the real one.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

// The words of org.freedesktop.systemd1.Unit; what is read of a unit in one look.
struct UnitState {
  std::string load = "not-found";  // LoadState: loaded, not-found, masked, bad-setting, error
  std::string active =
      "inactive";    // ActiveState: active, reloading, inactive, failed, activating, deactivating
  std::string sub;   // SubState: running, dead, exited, auto-restart, ...
  std::string file;  // UnitFileState: enabled, disabled, masked, static, ""
  std::string job;   // the type of the job that waits or runs: start, stop, restart, ""
  std::string
      result;  // Result of a service: success, exit-code, signal, watchdog, ...; "" for others

  bool operator==(const UnitState&) const = default;
};

// What is waited for: changes of the state of units.
class UnitWatch {
 public:
  virtual ~UnitWatch() = default;

  // The watched units whose state may have changed since the last call, never empty. Late, doubled
  // and needless ones are allowed: a caller looks again, and polls besides. After a lost
  // connection, once it is there again, all of them. At most one call at a time. Fault::cancelled
  // once stop() was called.
  virtual Task<Result<std::set<std::string>>> next() = 0;
  virtual void stop() = 0;
};

class Units {
 public:
  static constexpr std::chrono::seconds kCallLimit{5};  // of one call over the bus
  static constexpr std::size_t kUnitsMax = 256;

  virtual ~Units() = default;

  // The state of each unit named ("asterisk.service"); one that systemd does not know has load
  // "not-found". Loads no unit for good and changes nothing. unavailable: no bus or no systemd
  // there; denied; timed_out.
  virtual Task<Result<std::map<std::string, UnitState>>> states(std::vector<std::string> names) = 0;

  // Signals of these units, from now on (Manager.Subscribe is called: without it systemd sends
  // none). unavailable: no bus.
  virtual Result<std::unique_ptr<UnitWatch>> watch(std::set<std::string> names) = 0;
};

}  // namespace tandem
