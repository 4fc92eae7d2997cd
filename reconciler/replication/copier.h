// One kind of copy, as its keeper runs it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/pair.h"
#include "ports/clock.h"
#include "ports/task.h"
#include "reconciler/replication/copy_state.h"

namespace tandem {

// What is asked of one run.
struct CopyAsk {
  std::shared_ptr<const HAPair> pair;  // in force
  bool everything = false;  // both sides are compared whole, whatever is known of changes
  bool confirm_direction = false;
  std::optional<std::string> force;  // the reason: overrides the guards that yield to it
};

class Copier {
 public:
  virtual ~Copier() = default;

  virtual CopyKind kind() const = 0;
  // One run; never two at a time. `ended` of what it returns is set by the keeper.
  virtual Task<CopyTold> run(CopyAsk ask) = 0;
  // The run under way ends within seconds, as Cancelled or Aborted. Returns at once.
  virtual void abort() = 0;
  // What is on the secondary may be another than was left there: the next run looks at everything.
  virtual void forget() = 0;
  // Of the run under way; nullopt: there is none, or it has told nothing yet.
  virtual std::optional<CopyMeter> meter() const = 0;
  // Notified when due() may be earlier than it was. The keeper alone waits on it.
  virtual Signal& wake() = 0;
  // When the next run is due, if the last one began at `begun`.
  virtual Instant due(const HAPair& pair, Instant begun) const = 0;
  // Called at every turn while copies may be made, and once with nullptr when they may not any
  // more.
  virtual void follow(const HAPair* pair) = 0;
  // What it knows beside its last run.
  virtual std::vector<Condition> conditions() const = 0;
};

}  // namespace tandem
