// Orders to take a copy back, and what is kept for it.
#pragma once

#include <string>
#include <string_view>

#include "ports/clock.h"
#include "ports/http_server.h"
#include "reconciler/replication/undo_keeper.h"

namespace tandem {

class UndoApi {
 public:
  static constexpr const char* kPath = "/api/v1/generations";
  static constexpr const char* kActions[] = {"/api/v1/actions/undo-replicate",
                                             "/api/v1/actions/cancel-undo"};

  // nullptr: nothing is copied here.
  UndoApi(UndoKeeper* undo, Clock& clock) : undo_(undo), clock_(clock) {}

  static bool orders(std::string_view path);

  // Asks the secondary's database, one at a time.
  Task<ServedResponse> get();
  // The caller has checked who asks.
  ServedResponse post(const ServedRequest& request);

 private:
  ServedResponse undo(const std::string& body);

  UndoKeeper* undo_;
  Clock& clock_;
  bool reading_ = false;
};

}  // namespace tandem
