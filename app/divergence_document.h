// What was changed while the secondary served, as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "reconciler/replication/divergence_keeper.h"

namespace tandem {

// Numbers only: for whoever may read how the node is.
nlohmann::ordered_json divergence_summary(const Divergence& divergence);
// With the users, their names and numbers.
nlohmann::ordered_json divergence_document(const Divergence& divergence);
nlohmann::ordered_json journal_rows_document(const std::vector<JournalRow>& rows);
nlohmann::ordered_json carry_document(const CarryTold& told);

}  // namespace tandem
