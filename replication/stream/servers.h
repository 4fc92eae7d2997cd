// Both servers, as a run looks at the stream and changes it: blocking, on the copy's own thread.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/pair.h"
#include "ports/database_session.h"
#include "replication/stream/changes.h"
#include "replication/stream/state.h"

namespace tandem::stream {

// A statement of ours, and how long it waits for somebody's lock.
inline constexpr std::chrono::seconds kStatementMax{10};
inline constexpr std::chrono::seconds kLockMax{2};
// A slot begins when every transaction that was open then has ended.
inline constexpr std::chrono::seconds kSlotMax{30};
// For the subscription's worker to end, and for a slot that it followed to be free.
inline constexpr std::chrono::seconds kPauseMax{10};
// For a subscription to have all that was committed on the primary when it was looked at. Where it
// was just enabled, or its link was cut, PostgreSQL tries each 5 s.
inline constexpr std::chrono::seconds kFollowMax{20};
// Of the changes that were under way while a proof began; beyond nothing is told apart.
inline constexpr int kUnderWayMax = 100'000;

// Messages of a slot that are read to find what stopped the stream, and of each so many bytes.
inline constexpr int kWaitingMax = 500;
inline constexpr int kWaitingBytesMax = 8192;

struct Places {
  Product product = Product::wazo;
  std::vector<std::string> exclude_tables;
  SqlTarget primary, secondary;  // as the role tandem
  SqlTarget slots;               // the primary's, as the role tandem_stream
};

// A new slot. Its moment is to be seen under the name `snapshot` while `keeper` lives.
struct NewSlot {
  std::string name;
  std::string snapshot;
  std::string begins;  // the position in the log, "0/192A948"
  std::unique_ptr<DatabaseSession> keeper;
};

class Servers {
 public:
  Servers(Databases& databases, const Places& places, std::stop_token stop)
      : databases_(databases), places_(places), stop_(std::move(stop)) {}

  // Errors of all calls name the side: "primary: ...".
  Result<Seen> look();
  // The same again, until the secondary has all that the primary held at the first look, kFollowMax
  // at most.
  Result<Seen> look_until_followed();

  Status publish(const std::set<std::string>& tables);
  Status drop_publication();
  // Waits until nobody follows them, kPauseMax at most. A slot that is gone already is no error.
  Status drop_slots(const std::vector<std::string>& names);
  // Without its slot, which is left over then.
  Status end_subscription();
  // The worker has ended when this returns well. timed_out: it goes on.
  Status pause();
  Result<NewSlot> begin_slot();
  // Tables with changes that `slot` has and the secondary may not have, up to `end`. not_found:
  // there is no such slot. too_large: more than kUnderWayMax.
  Result<std::set<std::string>> under_way(const std::string& slot, const std::string& end);
  // While the subscription stands: the first change that waits in `slot` and can not be made on the
  // secondary, "table extensions, id = 7: duplicate key value violates ..."; nullopt: there is none
  // among the first kWaitingMax. Nothing is changed by it.
  Result<std::optional<std::string>> find_conflict(const std::string& slot);

 private:
  enum class Side { primary, slots, secondary };
  Result<DatabaseSession*> session(Side side);
  Result<SqlRows> ask(Side side, const std::string& text);
  Result<std::optional<std::string>> first_that_fails(const WaitingChanges& changes);
  Status look_at_primary(Seen& seen);
  Status look_at_slots(Seen& seen);
  Status look_at_secondary(Seen& seen);

  Databases& databases_;
  const Places& places_;
  std::stop_token stop_;
  std::unique_ptr<DatabaseSession> sessions_[3];
};

// Within the secondary's transaction that makes its content that of the beginning of the slot.
Status follow(DatabaseSession& secondary, const std::string& slot);

}  // namespace tandem::stream
