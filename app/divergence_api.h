// Answers about what was changed while the secondary served, and takes orders about it.
#pragma once

#include <string_view>

#include "ports/clock.h"
#include "ports/http_server.h"
#include "ports/task.h"
#include "reconciler/replication/divergence_keeper.h"

namespace tandem {

class DivergenceApi {
 public:
  static constexpr const char* kPath = "/api/v1/divergence";
  static constexpr const char* kAction = "/api/v1/actions/divergence";

  // nullptr: nothing is copied here.
  DivergenceApi(DivergenceKeeper* keeper, Clock& clock) : keeper_(keeper), clock_(clock) {}

  // `trusted`: who asks carries the token; others get numbers, no names. `rows` in the query: the
  // rows of the journal too.
  Task<ServedResponse> get(std::string query, bool trusted);
  // The caller has checked who asks.
  Task<ServedResponse> post(std::string body);

 private:
  DivergenceKeeper* keeper_;
  Clock& clock_;
};

}  // namespace tandem
