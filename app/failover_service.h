// Takeover and failback of a running operator, wired: what must last, who listens, who decides, who
// takes orders.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/failover_api.h"
#include "app/node.h"
#include "app/peer_service.h"
#include "ports/real_routes.h"
#include "ports/timed_slot_file.h"
#include "reconciler/failover/keeper.h"
#include "reconciler/failover/order_desk.h"

namespace tandem {

class FailoverService {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Node& node;
    Loop& loop;
    EventStore& events;
    std::vector<Observer*> observers;
    std::string boot_id;
    std::function<void(const std::string&)> on_bug;
  };

  explicit FailoverService(Parts parts);
  FailoverService(const FailoverService&) = delete;
  FailoverService& operator=(const FailoverService&) = delete;

  // The peer link is made after this, since it takes our word and our orders.
  void link(PeerService& peer);
  void start();
  void stop() { keeper_.stop(); }

  FailoverKeeper& keeper() { return keeper_; }
  FailoverApi& api() { return *api_; }
  const ProbeTable& probes() const { return probing_.table(); }
  std::vector<Condition> conditions() const;

  // An order that came over the peer link.
  Task<Result<std::string>> take_forwarded(Order order);

 private:
  std::vector<ProbeRow> probe_rows() const;

  Parts parts_;
  TimedSlotFile slots_;
  MemoryKeeper memory_;
  FailoverEngine engine_;
  FailoverKeeper keeper_;
  RealRoutes routes_;
  Sip peer_sip_;
  Probing probing_;
  std::unique_ptr<OrderDesk> desk_;
  std::unique_ptr<FailoverApi> api_;
};

// Of this start of the host, or of the container's host; "" where the kernel does not tell.
std::string read_boot_id();

}  // namespace tandem
