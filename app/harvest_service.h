// What comes home from the secondary on a running operator, wired: who notes it, who brings it, and
// where to.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <string>
#include <vector>

#include "app/node.h"
#include "ports/real_spool.h"
#include "reconciler/replication/harvest_debt.h"
#include "reconciler/replication/harvest_keeper.h"

namespace tandem {

class HarvestService {
 public:
  // Of the command that has Asterisk count the messages anew.
  static constexpr std::chrono::seconds kRecountMax{30};

  struct Parts {
    boost::asio::io_context& io;
    Node& node;
    std::function<CopySituation()> situation;
    std::function<void()> changed;
    std::vector<Observer*> observers;
    std::function<void(const std::string&)> on_bug;
    // What of the secondary's database waits, as a sentence; empty: nothing.
    std::function<std::string()> database;
  };

  explicit HarvestService(Parts parts);
  ~HarvestService();
  HarvestService(const HarvestService&) = delete;
  HarvestService& operator=(const HarvestService&) = delete;

  void start();
  // Ends what is under way; returns at once.
  void stop();

  HarvestKeeper& keeper() { return keeper_; }
  const HarvestKeeper& keeper() const { return keeper_; }
  HarvestDebt& debt() { return debt_; }

 private:
  HarvestKeeper::Parts keeper_parts();
  Task<harvest::MergeReport> merge(harvest::HarvestTree tree, harvest::MergeOrder order);
  Task<Status> recount();
  Task<void> clear_locks(harvest::HarvestTree tree);
  RealSpool::Places places_of(const harvest::HarvestTree& tree) const;
  std::string folder() const { return parts_.node.config.state_dir + "/harvest"; }

  Parts parts_;
  files::Session session_;
  harvest::Fetch fetch_;
  boost::asio::thread_pool thread_{1};  // of the merge: disks may take their time
  HarvestDebt debt_;
  HarvestKeeper keeper_;
};

}  // namespace tandem
