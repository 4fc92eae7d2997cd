// The sessions of one copy: one to each server, and helpers that see the same snapshots.
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "replication/database/copy_order.h"
#include "replication/database/guards.h"
#include "replication/database/settings.h"

namespace tandem {

// Of which a server gives one at a time: "tandem" as a number. A copy holds it on both servers, an
// undo on the secondary's.
inline constexpr std::int64_t kCopyLock = 0x74616e64656d;

// Connects, with the settings of a copy.
Result<std::unique_ptr<DatabaseSession>> open_copy_session(Databases& databases,
                                                           const SqlTarget& target, ServerDuty duty,
                                                           std::stop_token stop);

class PairSessions {
 public:
  explicit PairSessions(Databases& databases) : databases_(databases) {}

  // Connects to both, with the settings of a copy. Errors name the side: "primary: ...".
  Status open(const CopyOrder& order, std::stop_token stop);

  // What the guards are judged by. Takes the locks that one copy at a time holds.
  Result<NodesSeen> look();

  // Begins the transaction of each, the secondary's with the lock on its row: both snapshots are
  // taken. `lanes` over 1: as many sessions to each side see the same.
  Result<DirectionSeen> begin(const CopyOrder& order, std::stop_token stop);

  // A further session to the primary that sees the same. Its waits end with `stop`.
  Result<std::unique_ptr<DatabaseSession>> open_beside(const CopyOrder& order,
                                                       std::stop_token stop);

  // One more to the secondary, in a transaction of its own that sees what the first one's sees.
  Result<std::unique_ptr<DatabaseSession>> begin_beside(const CopyOrder& order,
                                                        std::stop_token stop);

  // So that nothing holds the secondary's row while only the commit counts.
  void end_helpers();

  DatabaseSession& primary() { return *primaries_.front(); }
  DatabaseSession& secondary() { return *secondaries_.front(); }
  const std::vector<std::unique_ptr<DatabaseSession>>& primaries() const { return primaries_; }
  const std::vector<std::unique_ptr<DatabaseSession>>& secondaries() const { return secondaries_; }
  std::uint64_t bytes() const;  // to and from the secondary

 private:
  using Sessions = std::vector<std::unique_ptr<DatabaseSession>>;

  Status add(Sessions& sessions, const SqlTarget& target, std::stop_token stop);
  Status share_snapshot(Sessions& sessions, const SqlTarget& target, int lanes,
                        std::stop_token stop);

  Databases& databases_;
  Sessions primaries_, secondaries_;
  std::uint64_t helpers_bytes_ = 0;
};

}  // namespace tandem
