// Keeps the secondary's copies: runs each kind when it is due, may be made, and nobody's data is at
// risk; ends a run that may not go on; and tells how things stand. One on each node: on a secondary
// it makes nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/condition.h"
#include "ports/filesystem.h"
#include "reconciler/observer.h"
#include "reconciler/replication/copier.h"
#include "reconciler/replication/copy_past.h"
#include "reconciler/replication/copy_permission.h"

namespace tandem {

class ReplicationKeeper {
 public:
  // A change that nobody tells is seen within this: while a run is under way, and else.
  static constexpr std::chrono::milliseconds kTurn{500};
  static constexpr std::chrono::seconds kIdleTurn{2};
  // After a failure, doubled up to kRetryMax, and never longer than the kind's own interval.
  static constexpr std::chrono::seconds kRetryMin{30};
  // The same, where the secondary has not said yet that it stands by.
  static constexpr std::chrono::seconds kRetryOfWord{3};
  static constexpr std::chrono::minutes kRetryMax{10};
  static constexpr std::chrono::seconds kStopLimit{10};

  struct Parts {
    Clock& clock;
    Filesystem& disk;  // at `/`
    std::string state_dir;
    std::vector<Copier*> copiers;  // one of each kind
    std::function<CopySituation()> situation;
    // Before the first copy: whether one of the vendor's runs now. It may be dear to tell.
    std::function<bool(Product)> vendor_copies;
    std::function<void()> changed;  // what conditions() tells is new
    std::vector<Observer*> observers;
  };

  explicit ReplicationKeeper(Parts parts);
  ~ReplicationKeeper();
  ReplicationKeeper(const ReplicationKeeper&) = delete;
  ReplicationKeeper& operator=(const ReplicationKeeper&) = delete;

  // Until stop(); runs under way are then ended, and waited for at most kStopLimit.
  Task<void> run();
  void stop();
  // The situation may be another.
  void look();
  bool has_ended() const { return loops_ == 0; }

  // The next run of this kind is due now: what it would tell is new.
  void run_soon(CopyKind kind);

  // Makes the copies now, comparing everything; the number of each one's run, by which its end is
  // known. invalid: it can not be, with the reason. A run that is under way ends first.
  Result<std::map<CopyKind, std::uint64_t>> order(const CopyOrderTyped& order);
  // Ends what is under way, and drops orders that wait; how many of these kinds that concerned.
  int cancel(const std::set<CopyKind>& kinds = {kCopyKinds.begin(), kCopyKinds.end()});

  const CopyState& state(CopyKind kind) const;
  std::optional<CopyMeter> meter(CopyKind kind) const;
  std::vector<Condition> conditions() const;
  // Whether this node has to make copies at all, as it is declared.
  bool is_in_charge() const;

 private:
  struct Slot;

  Task<void> keep(Slot& slot);
  Task<void> watch_runs();
  Task<void> run_once(Slot& slot, CopySituation situation);
  void hold(Slot& slot, const std::optional<WhyNoCopy>& why);
  bool is_due(Slot& slot, const HAPair& pair) const;
  void take_up(Slot& slot, const HAPair& pair, CopyTold told);
  void keep_past();
  Slot& slot_of(CopyKind kind) const;
  std::optional<WhyNoCopy> why_not(const CopySituation& situation, const Slot& slot) const;

  Parts parts_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::unique_ptr<Signal> watching_;  // of watch_runs()
  bool vendor_is_done_ = false;
  bool stopping_ = false;
  int loops_ = 0;
  std::unique_ptr<Signal> ended_;  // of run(): a loop has ended
};

}  // namespace tandem
