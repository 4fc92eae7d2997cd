// The copies to the secondary of a running operator, wired: who copies, when, who is let in, and
// what is told of it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/harvest_service.h"
#include "app/node.h"
#include "app/replication_document.h"
#include "ports/libpq_databases.h"
#include "ports/real_incoming_copies.h"
#include "ports/real_trees.h"
#include "reconciler/failover/keeper.h"
#include "reconciler/failover/peer_keeper.h"
#include "reconciler/replication/database_copier.h"
#include "reconciler/replication/direction_keeper.h"
#include "reconciler/replication/divergence_keeper.h"
#include "reconciler/replication/files_copier.h"
#include "reconciler/replication/replication_keeper.h"
#include "reconciler/replication/stream_warden.h"
#include "reconciler/replication/stream_watch.h"
#include "reconciler/replication/undo_keeper.h"
#include "replication/copy/streamed_copy.h"
#include "replication/files/file_replica.h"
#include "replication/files/session.h"

namespace tandem {

class ReplicationService {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Node& node;
    Loop& loop;
    FailoverKeeper& failover;
    PeerKeeper& peer;
    std::vector<Observer*> observers;
    std::function<void(const std::string&)> on_bug;
  };

  explicit ReplicationService(Parts parts);
  ReplicationService(const ReplicationService&) = delete;
  ReplicationService& operator=(const ReplicationService&) = delete;

  void start();
  // Ends what is under way; returns at once.
  void stop();
  // Waits until it has ended, a few seconds at most.
  Task<void> ended();

  ReplicationKeeper& keeper() { return keeper_; }
  const ReplicationKeeper& keeper() const { return keeper_; }
  const DirectionKeeper& direction() const { return direction_; }
  UndoKeeper& undo() { return undo_; }
  DivergenceKeeper& divergence() { return divergence_; }
  const StreamWatch& stream() const { return watch_; }
  CopyKeepers keepers() {
    return {keeper_, direction_,        [this] { return is_target(); },
            &undo_,  &divergence_,      &database_,
            &watch_, &harvest_.keeper()};
  }
  std::vector<Condition> conditions() const;
  // nullopt: nothing comes home to this node.
  std::optional<HarvestState> harvest_shown() const;
  // Whether copies are let in here, as the node is declared.
  bool is_target() const;

  // Before this node serves for the other one: nobody copies into it any more, until it stands by
  // again.
  Task<void> before_serving();
  // What a takeover here would have to serve with.
  void weigh(Fitness& fitness) const;

 private:
  CopySituation situation() const;
  DirectionSaid said() const;
  std::string why_closed() const;
  void read_direction(CopySituation& now) const;
  void keep_direction();
  std::optional<std::int64_t> disk_free() const;
  bool vendor_copies(Product product) const;
  Task<void> end_incoming();
  Task<void> keep_door();
  void heed_refusals();
  Result<DatabaseCopier::Ends> ends(const HAPair& pair) const;
  Result<UndoOrder> undo_order() const;
  DivergenceKeeper::Situation divergence_situation() const;
  Result<SqlTarget> secondary_database(const HAPair& pair) const;
  StreamWarden::Parts warden_parts();
  StreamWatch::Parts watch_parts();
  Result<SqlTarget> slots() const;
  Result<std::string> stream_connection() const;
  bool streams() const;

  Parts parts_;
  LibpqDatabases databases_;
  stream::StreamedCopy copy_;
  DatabaseUndo taking_back_;
  RealTrees trees_;
  files::Session session_;
  files::FileReplica replica_;
  DatabaseCopier database_;
  FilesCopier files_;
  ReplicationKeeper keeper_;
  DirectionKeeper direction_;
  UndoKeeper undo_;
  DivergenceKeeper divergence_;
  StreamWarden warden_;
  StreamWatch watch_;
  HarvestService harvest_;
  RealIncomingCopies incoming_;  // of files
  std::unique_ptr<Signal> door_;
  bool door_shut_ = false;
  bool stopping_ = false;
  // What is kept on the disk of the direction, read at most every few seconds.
  mutable std::string kept_direction_;
  mutable bool direction_readable_ = true;
  mutable Instant direction_read_ = Instant::min();
};

}  // namespace tandem
