// Keeps the row by which this node says whom it lets write into its database, and reads what the
// node holds of the primary's; yields the database before the node begins to serve.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/failover.h"
#include "core/pair.h"
#include "ports/clock.h"
#include "ports/sql.h"
#include "ports/task.h"
#include "replication/database/direction.h"
#include "replication/divergence/activation.h"

namespace tandem {

// What the node says of itself, made into the row.
struct DirectionSaid {
  const HAPair* pair = nullptr;  // in force; nullptr: none
  std::string node;
  Role role = Role::off;
  NodeState state = NodeState::off;
  bool standing_by = false;  // by the vendor's marker
  std::string closed;        // why the loop may not act; empty: it may
  bool upgrading = false;
  bool wizard_passed = false;
  std::string spec_sha256;
  std::uint64_t epoch = 0;
};
// Whether Tandem copies between the nodes, as far as this one knows.
bool copies_are_ours(const DirectionSaid& said);
// `standing_by` of the row only where nothing serves, is about to, or is at work on the node.
Direction direction_row(const DirectionSaid& said);

// The copy that a secondary holds, as its own database tells.
struct CopyHeld {
  std::string primary;
  std::string hash;
  std::uint64_t tables = 0;
  std::chrono::seconds age{};  // of the proof, when it was read
  Instant read{};

  bool operator==(const CopyHeld&) const = default;
};

class DirectionKeeper {
 public:
  // What is told by the node is looked at so often.
  static constexpr std::chrono::seconds kTurn{1};
  // After a failure.
  static constexpr std::chrono::seconds kRetry{10};
  // The same where the row must be shut: a server that comes back must not let anybody in.
  static constexpr std::chrono::seconds kRetryShut{1};
  // While nothing is held here it is looked for so often.
  static constexpr std::chrono::seconds kLookAgain{5};
  static constexpr std::chrono::seconds kStatementMax{5};

  struct Parts {
    Clock& clock;
    Sql& sql;
    std::function<Result<SqlTarget>()> own;
    std::function<DirectionSaid()> said;
    // Free where the database lives, in bytes; nullopt: not known.
    std::function<std::optional<std::int64_t>()> disk_free;
    std::function<void()> changed;  // what conditions() or held() tell is new
    // The node holds a copy that the declared primary made.
    std::function<void()> holds_its_copy = {};
  };

  explicit DirectionKeeper(Parts parts);

  // Until stop(). It lets copies in under replication.owner tandem alone: a row that was left open
  // is shut as soon as that is not so, and at the end.
  Task<void> run();
  void stop();
  bool has_ended() const { return ended_; }

  // Before this node begins to serve: copies into it are ended, and the row lets none in any more.
  // It is written there too that the node serves, and since which transaction. Returns after
  // kYieldMax whatever has come of it; what was not written by then is as soon as it can be.
  Task<void> yield();

  // What of the primary's data is held here. `known` false: it could not be read yet.
  bool known() const { return known_; }
  // The last try to write or read was in vain.
  bool failed() const { return error_.has_value(); }
  const std::optional<CopyHeld>& held() const { return held_; }
  // Of the proof of what is held, by the clocks of this node; nullopt: there is none, or not known.
  std::optional<WallTime> proven() const;

  std::vector<Condition> conditions() const;

 private:
  Task<void> turn(DirectionSaid said, bool yields);
  Task<Status> write(Direction row, bool ends);
  Task<Status> note(DirectionSaid said, bool yields);
  Task<void> look_back(bool yields);
  Task<Status> read();
  Task<void> shut();

  Parts parts_;
  std::unique_ptr<Signal> signal_;
  std::unique_ptr<Signal> yielded_;
  int yields_asked_ = 0, yields_done_ = 0;
  std::optional<Direction> written_;
  Instant written_at_{};
  Instant not_before_{}, looked_{};
  std::optional<Error> error_;
  bool in_charge_ = false;
  // The row may let somebody in, although nobody keeps it: after a start, and after duties changed.
  bool left_open_ = true;
  bool ended_ = false;
  bool shut_ = false;  // by a yield, until the node itself says that it lets nobody in
  // That the node serves, for the journal of what its users change: written for this time; was
  // tried in vain; and what is known of the time before it began, where it is noted late.
  bool noted_ = false, note_tried_ = false;
  std::optional<LastQuiet> quiet_;
  bool schema_made_ = false;
  bool known_ = false;
  std::optional<CopyHeld> held_;
  bool stopping_ = false;
};

}  // namespace tandem
