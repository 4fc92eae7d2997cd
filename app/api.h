// The HTTP interface of a running operator: what each path answers. The server itself is a port.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/divergence_api.h"
#include "app/event_hub.h"
#include "app/failover_api.h"
#include "app/peer_api.h"
#include "app/rate_limit.h"
#include "app/replication_api.h"
#include "app/undo_api.h"
#include "core/result.h"
#include "metrics/metrics.h"
#include "ports/clock.h"
#include "ports/http_server.h"
#include "reconciler/event_recorder.h"
#include "reconciler/failover/keeper.h"
#include "reconciler/loop.h"
#include "reconciler/plan.h"

namespace tandem {

class NotifyService;
class ReplicationService;

struct ApiParts {
  Clock& clock;
  Loop& loop;
  Metrics& metrics;
  std::vector<std::unique_ptr<Managed>>&
      plan_resources;  // not the loop's own: a plan interrupts nothing
  std::string node;
  Result<std::string> token;  // of orders; an error: none are taken
  FailoverApi& failover;
  const FailoverKeeper* keeper = nullptr;     // nullptr: nothing is decided here
  PeerApi* peer = nullptr;                    // nullptr: nothing is told of the other node
  ReplicationService* replication = nullptr;  // nullptr: nothing is copied here
  EventHub* stream = nullptr;                 // nullptr: nobody can follow what happens
  EventRecorder* events = nullptr;            // of orders that nobody else tells
  NotifyService* notify = nullptr;            // nullptr: nobody is told here
};

class OperatorApi {
 public:
  // The loop turns at least every 30 s; when it has not for so long, the program is stuck.
  static constexpr std::chrono::seconds kStuck{90};

  // Metrics are put together at most so often: it is the dearest answer of those that anybody may
  // ask for, and nobody who asks for it again and again may keep the loop busy.
  static constexpr std::chrono::milliseconds kMetricsAge{250};

  explicit OperatorApi(ApiParts parts);

  Task<ServedResponse> answer(ServedRequest request);

  // Another number where /api/v1/pair or /api/v1/why would tell something else.
  std::uint64_t shown() const;

 private:
  // What keeps pages of strangers out, in the browser of somebody who reaches this host.
  std::optional<ServedResponse> refused_stranger(const ServedRequest& request) const;
  Task<ServedResponse> route(ServedRequest request);
  Task<ServedResponse> get(ServedRequest request);
  Task<ServedResponse> post(ServedRequest request);
  Task<ServedResponse> plan();
  Task<ServedResponse> apply(std::string body);
  Task<ServedResponse> carry_out(ServedRequest request);
  void tell_order(const std::string& path, const ServedResponse& response);
  void tell_intruder(const std::string& path);
  ServedResponse follow(const ServedRequest& request);
  const std::string& metrics(WallTime now);
  nlohmann::ordered_json pair(WallTime now) const;
  ServedResponse livez(const std::string& query) const;
  ServedResponse readyz(const std::string& query) const;
  ServedResponse landing() const;
  // Carries the token of orders.
  bool is_trusted(const ServedRequest& request) const;

  ApiParts parts_;
  ReplicationApi replication_;
  UndoApi undo_;
  DivergenceApi divergence_;
  RateLimit limit_, orders_limit_;  // of all, and of who has the token
  std::string metrics_;
  Instant rendered_{};
  bool planning_ = false;
  bool applying_ = false;
};

// What an operator that runs would add to a plan: why it would not act now, and what waits for an
// order.
Plan annotated(Plan plan, const SpecView& spec, const GateFacts& facts);

}  // namespace tandem
