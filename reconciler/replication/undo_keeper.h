// Takes copies back when a person orders it, one at a time, and tells what is kept. One on each
// node: an undo is made in the secondary's database, from the node that it is ordered on, so that
// the primary may be dead.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/sql.h"
#include "ports/task.h"
#include "reconciler/observer.h"
#include "reconciler/replication/copy_state.h"
#include "replication/undo/undo.h"

namespace tandem {

struct UndoState {
  std::optional<CopyTold> last;  // since this operator runs
  std::uint64_t number = 0;      // of the run under way, else of the last one; 0: none yet
  bool running = false;
  // Of the own database, where generations are kept there; nullopt: not known, or not here.
  std::optional<KeptGenerations> kept;
};

class UndoKeeper {
 public:
  // What is kept here is looked at so often.
  static constexpr std::chrono::seconds kLook{30};
  static constexpr std::chrono::seconds kStopLimit{5};

  // Blocks, on the keeper's own thread: DatabaseUndo::run.
  using Undo = std::function<UndoOutcome(const UndoOrder&, std::stop_token, const ProgressSink&)>;
  struct Parts {
    Clock& clock;
    Sql& sql;
    Undo undo;
    // The order but for who and why; an error: nothing can be undone from here, with the reason.
    std::function<Result<UndoOrder>()> order;
    std::function<bool()> keeps_here;  // generations are kept in the own database
    std::function<void()> undone;      // the secondary's content is another
    std::vector<Observer*> observers;
  };

  explicit UndoKeeper(Parts parts);
  // Waits for the thread: stop() first.
  ~UndoKeeper();
  UndoKeeper(const UndoKeeper&) = delete;
  UndoKeeper& operator=(const UndoKeeper&) = delete;

  // Until stop(); a run under way is then ended.
  Task<void> run();
  void stop();
  bool has_ended() const { return ended_; }

  // Takes the newest kept copy back; the number of the run, by which its end is known. invalid: it
  // can not be, with the reason.
  Result<std::uint64_t> order(std::string by, std::string reason);
  // Ends what is under way or waits; how many that concerned.
  int cancel();

  const UndoState& state() const { return state_; }
  std::optional<CopyMeter> meter() const;
  // Asks the secondary's database now. invalid: it can not be asked from here, with the reason.
  Task<Result<KeptGenerations>> read();

 private:
  struct Typed {
    std::string by, reason;
  };

  Task<void> run_once(Typed typed);
  Task<void> look();
  void take_up(const Typed& typed, const UndoOutcome& outcome);

  Parts parts_;
  std::unique_ptr<Signal> signal_;
  UndoState state_;
  std::optional<Typed> ordered_;
  Instant looked_ = Instant::min();
  std::stop_source stop_;
  bool stopping_ = false;
  bool ended_ = false;

  mutable std::mutex mutex_;  // of what the thread tells
  std::optional<CopyMeter> meter_;
  boost::asio::thread_pool thread_{1};
};

// What an undo is told as: `equal`, since it is proven, where it was made.
CopyTold told_of(const UndoOutcome& outcome);

}  // namespace tandem
