// What the API answers of takeover and failback: events, takeovers, probes, reasons, and orders.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/probe_row.h"
#include "core/why.h"
#include "ports/clock.h"
#include "ports/event_store.h"
#include "ports/http_server.h"
#include "reconciler/failover/order_desk.h"

namespace tandem {

class FailoverApi {
 public:
  static constexpr std::size_t kTakeoversDefault = 50;
  static constexpr std::int64_t kMinutesMax = 60;
  static constexpr const char* kReadPaths[] = {"/api/v1/events", "/api/v1/takeovers", "/api/v1/why",
                                               "/api/v1/probes", "/api/v1/orders"};

  // What a node has not is empty, and asking for it is 503.
  struct Parts {
    Clock& clock;
    EventStore* events = nullptr;
    OrderDesk* orders = nullptr;
    std::function<std::optional<Why>()> why;
    std::function<std::vector<ProbeRow>()> probes;
  };

  explicit FailoverApi(Parts parts) : parts_(std::move(parts)) {}

  // "/api/v1/events", ...: what answers GET.
  static bool reads(const std::string& path);
  // "/api/v1/actions/takeover", ...: what answers POST.
  static bool orders(const std::string& path);

  Task<ServedResponse> get(ServedRequest request);
  // The caller has checked where the request came from and its token.
  Task<ServedResponse> post(ServedRequest request);

  std::optional<Why> told_why() const;

 private:
  Task<ServedResponse> events(std::string query);
  Task<ServedResponse> takeovers(std::string query);
  ServedResponse why() const;
  ServedResponse probes(const std::string& query) const;
  ServedResponse progress(const std::string& query) const;

  Parts parts_;
};

}  // namespace tandem
