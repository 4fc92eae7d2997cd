// Carries what users changed on their phones while the secondary served back to the primary, by the
// primary's own configuration service. One change at a time; what was carried is written down at
// once, and doing it again does nothing.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "ports/clock.h"
#include "replication/divergence/divergence.h"

namespace tandem {

struct CarryOrder {
  std::set<std::string> groups;     // "dnd", "forwards"
  std::optional<std::string> user;  // only this one's, by uuid
  bool force = false;  // also where the primary's value is another than at the takeover
  bool anew = true;    // also what was a conflict before
  std::string by;
};

// What is to be done about one change, where the primary has `current`: pure.
struct CarryStep {
  enum class What { write, nothing, conflict } what = What::write;
  std::string message;
};
CarryStep carry_step(const FeatureChange& change, const FeatureValue& current, bool force);

struct CarryTold {
  int applied = 0, already = 0, conflicts = 0, gone = 0;
  int left = 0;       // not reached before the end of the time, or of the service
  std::string error;  // why some are left; empty: none are, or the time was over

  bool complete() const { return conflicts + gone + left == 0; }
};
// "3 changes carried back, 1 conflict: ..."
std::string describe(const CarryTold& told);

class Carrier {
 public:
  // For one order; what is left waits for the next.
  static constexpr std::chrono::seconds kOrderMax{200};
  // One user for whom the service fails keeps nobody else waiting; after so many in a row it is the
  // service itself that fails.
  static constexpr int kFailuresInARow = 3;

  struct Parts {
    Clock& clock;
    Sql& sql;
    UserSettings& settings;
    std::function<bool()> goes_on;  // false: no more of them
  };

  explicit Carrier(Parts parts) : parts_(std::move(parts)) {}

  // Those of `divergence` that wait and that the order names. An error: nothing could be written
  // down any more.
  Task<Result<CarryTold>> carry(const Divergence& divergence, SqlTarget secondary,
                                CarryOrder order);

 private:
  Task<Status> carry_one(FeatureChange& change, bool force);

  Parts parts_;
};

// The changes that an order is about.
std::vector<FeatureChange> changes_for(const Divergence& divergence, const CarryOrder& order);

}  // namespace tandem
