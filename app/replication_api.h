// Orders and answers about the copies to the secondary.
#pragma once

#include <optional>
#include <string_view>

#include "app/replication_document.h"
#include "core/pair.h"
#include "ports/clock.h"
#include "ports/http_server.h"

namespace tandem {

class ReplicationApi {
 public:
  static constexpr const char* kPath = "/api/v1/replication";
  static constexpr const char* kActions[] = {
      "/api/v1/actions/replicate", "/api/v1/actions/cancel-replicate", "/api/v1/actions/harvest"};

  // nullopt: nothing is copied here.
  ReplicationApi(std::optional<CopyKeepers> copies, Clock& clock)
      : copies_(std::move(copies)), clock_(clock) {}

  static bool orders(std::string_view path);

  ServedResponse get(WallTime now) const;
  // The caller has checked who asks.
  ServedResponse post(const ServedRequest& request);

 private:
  ServedResponse replicate(const std::string& body);
  ServedResponse harvest(const std::string& body);
  ServedResponse cancel(const std::string& body);

  std::optional<CopyKeepers> copies_;
  Clock& clock_;
};

}  // namespace tandem
