// Guards the stream into this node's database: makes the subscription while the node stands by and
// lets the primary write, stops it while it does not, and ends it for good before the node serves.
//
// It never enables one: only a copy of the primary's does, in the transaction that holds the row of
// direction and has the content that the stream goes on from. So a restart, here or there, begins
// no stream into a node that serves.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "ports/clock.h"
#include "ports/sql.h"
#include "reconciler/replication/direction_keeper.h"

namespace tandem {

// The subscription of our name in the node's own database.
struct SubscriptionHeld {
  bool ours = false;
  bool enabled = false;
  bool stale = false;     // made for another address or password of the primary's
  bool connected = true;  // its worker has heard of the primary's server
  bool operator==(const SubscriptionHeld&) const = default;
};

enum class WardenStep { nothing, make, pause, end };

// Whether a stream may come in, as far as the declaration goes.
bool takes_streams(const DirectionSaid& said);
// `lets_in`: the node stands by, and its row says so. `serves`: it does, or is about to: what comes
// in from now on would write over what it does. Pure.
WardenStep warden_step(bool takes, bool lets_in, bool serves,
                       const std::optional<SubscriptionHeld>& held);

class StreamWarden {
 public:
  // What the node says of itself is looked at so often; the database, while nothing changes.
  static constexpr std::chrono::seconds kTurn{1};
  static constexpr std::chrono::seconds kLookEvery{5};
  // A stream that has not been connected for so long is told: PostgreSQL itself tries each 5 s.
  static constexpr std::chrono::seconds kCutMax{10};
  // After a subscription could not be made; what must end is tried again each turn.
  static constexpr std::chrono::seconds kRetry{10};
  static constexpr std::chrono::seconds kStatementMax{2};

  struct Parts {
    Clock& clock;
    Sql& sql;
    std::function<Result<SqlTarget>()> own;
    std::function<DirectionSaid()> said;
    // How the primary's server is reached, the password in it; an error: it can not be yet.
    std::function<Result<std::string>()> connection;
    // In our database, as the superuser of this node's own server.
    std::function<Task<Status>(std::string statements)> as_superuser;
    std::function<void()> changed;  // what conditions() tells is new
  };

  explicit StreamWarden(Parts parts);

  // Until stop(); what comes in then is stopped first, since nobody is there to end it.
  Task<void> run();
  void stop();
  bool has_ended() const { return ended_; }

  // Before this node serves: the subscription is gone, and no sequence gives a key that it brought.
  // Returns after kYieldMax whatever has come of it; it is tried on until it is so.
  Task<void> yield();

  // StreamHealthy; nothing where no stream is declared into this node and none is there.
  std::vector<Condition> conditions() const;

 private:
  Task<void> turn(const DirectionSaid& said, bool yields);
  Task<Status> look();
  Task<Status> act(WardenStep step, bool serves);
  void take_up(const SqlRow& row);
  Task<Status> tell(std::string text);
  Task<Status> make();

  Parts parts_;
  std::unique_ptr<Signal> signal_, yielded_;
  int yields_asked_ = 0, yields_done_ = 0;
  bool known_ = false;  // `held_` is what was there at the last look
  std::optional<SubscriptionHeld> held_;
  Instant looked_{}, not_before_{};
  std::optional<Instant> cut_since_;  // enabled, and not connected
  bool cut_ = false;                  // for kCutMax
  // What came in is stopped, and no sequence was raised above its keys yet.
  bool raise_due_ = false;
  bool takes_ = false, lets_in_ = false;
  bool shut_ = false;  // by a yield, until the node itself says that it lets nobody in
  WardenStep tried_ = WardenStep::nothing;
  std::optional<Error> error_;  // of the last try
  bool stopping_ = false, ended_ = false;
};

}  // namespace tandem
