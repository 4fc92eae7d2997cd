// Every metric family, in one place; docs/reference/metrics.md tells them to users.
#pragma once

#include <prometheus/registry.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "metrics/harvest_metrics.h"
#include "metrics/notify_metrics.h"
#include "metrics/replication_metrics.h"
#include "metrics/telling_metrics.h"
#include "probes/certificate_probe.h"
#include "reconciler/failover/probe_table.h"
#include "reconciler/loop.h"
#include "reconciler/observer.h"

namespace tandem {

class Metrics : public Observer {
 public:
  // `resources`: the names, so that every known series exists from the start, as 0.
  Metrics(const std::vector<std::string>& resources, const std::string& version,
          const std::string& revision);
  ~Metrics() override;

  // The probes' families are exported from now on; `table` outlives this.
  void watch_probes(const ProbeTable& table);

  // What is told, and lost, is exported from now on.
  void watch_telling(std::function<Telling()> told);

  // The text of /metrics (format 0.0.4) as things are now.
  std::string text(const Loop& loop, const std::string& node, WallTime now);

  // What takeover and failback hold now; for the next text(). nullopt: nothing of it.
  void failover(std::optional<PrimaryVerdict> verdict, std::optional<Duration> bound);

  // Until when the certificates of the peer link count; for the next text().
  void certificates(const std::vector<CertificateExpiry>& expiry);

  // How the copies to the secondary stand now, by copies_shown(); for the next text().
  void replication(const CopiesShown& shown);
  // How the harvest stands now; nullopt: it is not this node's task.
  void harvest(const std::optional<HarvestState>& state);
  // Notices that wait to be told, by channel; for the next text().
  void notifications(const std::map<std::string, std::size_t>& waiting) { notify_.show(waiting); }

  void reported(const Report& report) override;
  void condition_changed(const Condition&) override {}  // read from the board at each scrape
  void spec_rejected(std::string_view message) override;
  void spec_accepted(std::string_view) override {}
  void state_changed(const Transition& transition) override;
  void taken_over(const TakeoverRecord& record) override;
  void copied(const CopyTold& told) override;
  void harvested(const HarvestTold& told) override;
  void notified(const NotifyTold& told) override { notify_.notified(told); }

 private:
  struct Families;

  void update_node(const Loop& loop, const std::string& node);
  void update_spec(const Loop& loop, WallTime now);
  void update_conditions(const Loop& loop);
  void update_resources(const Loop& loop);

  std::shared_ptr<prometheus::Registry> registry_;
  std::shared_ptr<prometheus::Collectable> process_;
  std::shared_ptr<prometheus::Collectable> probes_;  // none before watch_probes()
  std::shared_ptr<prometheus::Collectable> telling_;
  std::unique_ptr<Families> families_;
  ReplicationMetrics replication_;
  HarvestMetrics harvest_;
  NotifyMetrics notify_;
  std::optional<std::uint64_t> counted_takeover_;  // the epoch of the last one
};

}  // namespace tandem
