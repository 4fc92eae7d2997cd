// Orders and answers about the copies to the secondary.
#pragma once

#include <string_view>

#include "core/pair.h"
#include "ports/clock.h"
#include "ports/http_server.h"

namespace tandem {

class ReplicationService;

class ReplicationApi {
 public:
  static constexpr const char* kPath = "/api/v1/replication";
  static constexpr const char* kActions[] = {"/api/v1/actions/replicate",
                                             "/api/v1/actions/cancel-replicate"};

  // nullptr: nothing is copied here.
  ReplicationApi(ReplicationService* replication, Clock& clock)
      : replication_(replication), clock_(clock) {}

  static bool orders(std::string_view path);

  ServedResponse get(WallTime now) const;
  // The caller has checked who asks.
  ServedResponse post(const ServedRequest& request);

 private:
  ServedResponse replicate(const std::string& body);

  ReplicationService* replication_;
  Clock& clock_;
};

}  // namespace tandem
