// The families of the copies to the secondary.
#pragma once

#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "reconciler/replication/copy_state.h"
#include "reconciler/replication/stream_watch.h"

namespace tandem {

class DirectionKeeper;
class DivergenceKeeper;
class ReplicationKeeper;
class UndoKeeper;

// How the copies stand, for one scrape.
struct CopiesShown {
  struct Kind {
    CopyPast past;
    bool running = false;
  };
  std::map<CopyKind, Kind> made;  // by this node; empty: it is not its task
  // Of the database's copy that this node holds itself; nullopt: it holds none, or it is not known.
  std::optional<WallTime> held_proven;
  // Of what this node's own database keeps for an undo; nullopt: it is not kept here, or not known.
  struct Kept {
    std::uint64_t generations = 0, bytes = 0;
  };
  std::optional<Kept> kept;
  // What waits of the changes made while the secondary served, by feature; empty: it is not known.
  std::map<std::string, std::uint64_t> diverged = {};
  // Of the stream that this node gives; nullopt: none, or not known.
  std::optional<StreamShown> stream;
};
CopiesShown copies_shown(const ReplicationKeeper& keeper, const DirectionKeeper& direction,
                         const UndoKeeper& undo, const DivergenceKeeper& divergence,
                         const std::optional<StreamShown>& stream = std::nullopt);

class ReplicationMetrics {
 public:
  // Every known series of the counters exists from here on, as 0; those of what stands, while it is
  // shown.
  explicit ReplicationMetrics(prometheus::Registry& registry);
  ~ReplicationMetrics();

  void copied(const CopyTold& told);
  void show(const CopiesShown& shown);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace tandem
