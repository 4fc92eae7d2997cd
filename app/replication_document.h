// How the copies stand, as JSON.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "ports/clock.h"
#include "reconciler/replication/database_copier.h"
#include "reconciler/replication/direction_keeper.h"
#include "reconciler/replication/divergence_keeper.h"
#include "reconciler/replication/harvest_keeper.h"
#include "reconciler/replication/replication_keeper.h"
#include "reconciler/replication/stream_watch.h"
#include "reconciler/replication/undo_keeper.h"

namespace tandem {

// Who tells of the copies of a node.
struct CopyKeepers {
  ReplicationKeeper& keeper;
  const DirectionKeeper& direction;
  // Whether copies are let in here, as the node is declared.
  std::function<bool()> is_target;
  UndoKeeper* undo = nullptr;
  const DivergenceKeeper* divergence = nullptr;
  // Of a stream; null: nobody tells.
  const DatabaseCopier* database = nullptr;
  const StreamWatch* stream = nullptr;
  HarvestKeeper* harvest = nullptr;  // nullptr: nothing comes home here
};

// null where the declaration has no copies of ours, or none is in force.
nlohmann::ordered_json replication_document(const CopyKeepers& copies, const Clock& clock);

// {"items": [{"number", "takenAt", ...}], "hold"} of what is kept for an undo.
nlohmann::ordered_json generations_document(const KeptGenerations& kept);

}  // namespace tandem
