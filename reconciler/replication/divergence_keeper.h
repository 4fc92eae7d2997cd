// Follows the journal of the secondary on either node: tells what waits in it, carries back what
// the declaration wants carried back, and takes a person's orders about it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/failover.h"
#include "core/pair.h"
#include "reconciler/observer.h"
#include "reconciler/replication/carry.h"

namespace tandem {

class DivergenceKeeper {
 public:
  // So often the journal is read, and soon after a copy or an order.
  static constexpr std::chrono::seconds kTurn{30};
  // After a carrying that came to an end before its time.
  static constexpr std::chrono::minutes kRetry{2};

  struct Situation {
    const HAPair* pair = nullptr;  // in force, and the copies are ours; nullptr: nothing is read
    bool is_primary = false;
    bool serves = false;  // this node: its services answer
  };
  struct Parts {
    Clock& clock;
    Sql& sql;
    UserSettings& settings;  // of this node
    std::function<Situation()> situation;
    // How the secondary's database is reached from here.
    std::function<Result<SqlTarget>(const HAPair&)> secondary;
    std::function<void()> changed;  // what conditions() tells is new
    std::vector<Observer*> observers;
  };

  explicit DivergenceKeeper(Parts parts);

  // Until stop().
  Task<void> run();
  void stop();
  // The journal may be another.
  void look();

  // As last read; nullptr: it was not read yet, or there is nothing to read.
  const Divergence* divergence() const { return read_ ? &*read_ : nullptr; }
  const std::optional<Error>& error() const { return error_; }
  // Read now.
  Task<Result<Divergence>> read();
  Task<Result<std::vector<JournalRow>>> rows();

  // invalid: not here, or not now, with the reason.
  Task<Result<CarryTold>> carry(CarryOrder order);
  // The number of times that were given up.
  Task<Result<int>> discard(std::string by, std::string reason);

  // What the secondary's users left in its database is not kept yet, and no copy is made before it
  // is: since when, as a sentence; empty: nothing is owed.
  std::string owed() const;
  std::vector<Condition> conditions() const;

 private:
  Task<void> turn();
  Task<void> carry_by_itself(const HAPair& pair);
  Task<void> end_what_is_done();
  Result<SqlTarget> target(const Situation& now) const;
  Task<Result<CarryTold>> carry_now(const Situation& now, CarryOrder order);
  void tell(const DivergenceTold& told);

  Parts parts_;
  std::unique_ptr<Signal> signal_;
  std::optional<Divergence> read_;
  std::optional<Error> error_;
  Instant not_before_{};
  bool carrying_ = false;
  bool stopping_ = false;
};

}  // namespace tandem
