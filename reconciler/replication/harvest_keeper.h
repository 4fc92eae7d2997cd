// On the primary: brings home what users left on the secondary while it served. It never keeps a
// failback waiting: it begins when the secondary stands by, and what waits for it are the copies
// into the same folders.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/task.h"
#include "reconciler/observer.h"
#include "reconciler/replication/copy_permission.h"
#include "reconciler/replication/harvest_told.h"
#include "replication/harvest/fetch.h"
#include "replication/harvest/merge_report.h"

namespace tandem {

class HarvestKeeper {
 public:
  static constexpr std::chrono::seconds kTurn{2};
  // One run, with what it brings over the network.
  static constexpr std::chrono::minutes kRunMax{10};
  // After a failure, doubled up to kRetryMax.
  static constexpr std::chrono::seconds kRetryMin{30};
  static constexpr std::chrono::minutes kRetryMax{10};
  // The secondary is asked so often: while it serves, and else.
  static constexpr std::chrono::seconds kAskServing{15};
  static constexpr std::chrono::minutes kAskEvery{10};

  struct Parts {
    Clock& clock;
    Filesystem& disk;  // at `/`
    std::string state_dir;
    std::function<CopySituation()> situation;
    // What the secondary's gate answers.
    std::function<Task<Result<std::string>>(SshEnds, std::string)> ask;
    std::function<Task<harvest::FetchReport>(harvest::FetchOrder)> fetch;
    std::function<Task<Status>()> clear_fetched;
    std::function<void()> abort_fetch;
    std::function<Task<harvest::MergeReport>(harvest::HarvestTree, harvest::MergeOrder)> merge;
    // Makes the vendor's programs notice new messages.
    std::function<Task<Status>()> recount;
    // Takes away what a killed run left locked.
    std::function<Task<void>(harvest::HarvestTree)> clear_locks;
    // What of the secondary's database waits to be looked at, as a sentence; nullopt: nothing.
    std::function<std::optional<std::string>()> database = [] {
      return std::optional<std::string>();
    };
    std::function<void()> changed = [] {};  // what conditions() tells is new
    std::vector<Observer*> observers = {};
  };

  explicit HarvestKeeper(Parts parts);

  Task<void> run();
  // What is under way ends within seconds.
  void stop();
  bool has_ended() const { return ended_; }
  // The secondary may owe something.
  void look();

  // Asks and harvests now, or gives up what is owed by now, for a reason; success where nothing is.
  // invalid: it can not be, and why. Where the secondary serves, or is not known to stand by, what
  // is left there from now on would be given up unseen.
  Status order(std::optional<std::string> discard, std::string by);

  const HarvestState& state() const { return state_; }
  std::vector<Condition> conditions() const;
  // Whether this node has to bring anything home at all, as it is declared.
  bool is_in_charge() const;

 private:
  std::optional<WhyNoCopy> why_not() const;
  std::optional<std::string> why_no_discard() const;
  bool asks_now(const CopySituation& now) const;
  Task<void> turn(CopySituation now);
  Task<void> ask(SshEnds ends, CopySituation now);
  Task<void> clear();
  Task<void> clear_locks();
  Task<void> prefetch(const HAPair& pair);
  Task<void> bring_home(const HAPair& pair);
  Task<std::optional<harvest::MergeReport>> merge_all(const harvest::FetchOrder& order);
  Task<void> give_up(SshEnds ends);
  void drop_stale_discard();
  Task<bool> settle(SshEnds ends);
  void fail(std::string reason, std::string message);
  void tell(HarvestTold told);
  harvest::FetchOrder fetch_order(const HAPair& pair) const;

  Parts parts_;
  std::unique_ptr<Signal> signal_;
  HarvestState state_;
  bool asked_ = false;  // since it may be asked, and since something may be another
  std::optional<std::pair<NodeState, std::uint64_t>> word_;  // of the secondary when it was asked
  Instant next_ask_ = Instant::min(), not_before_ = Instant::min();
  Instant begun_{};
  int failures_ = 0;
  std::uint64_t prefetched_ = 0;  // the number that was owed
  bool messages_are_copied_ = false;
  std::optional<std::string> discard_;  // the reason
  std::uint64_t discarded_ = 0;         // the number that it is about
  std::string by_;
  bool ordered_ = false;
  std::set<std::string> settled_;
  bool cleared_ = false;  // nothing that was brought is left
  bool locks_cleared_ = false;
  std::atomic<bool> stopping_ = false;  // the merge asks it from its thread
  bool ended_ = false;
};

}  // namespace tandem
