// The five answers of a bad night as JSON: `status.answers` of the pair's document.
#pragma once

#include <string>

#include "app/documents.h"
#include "core/night.h"
#include "reconciler/failover/keeper.h"

namespace tandem {

// What this node knows that the answers are made of. `keeper`, `link`: nullptr where there is none.
NightFacts night_facts(const Loop& loop, const std::string& node, const FailoverKeeper* keeper,
                       const PeerKeeper* link);

OrderedJson night_document(const NightAnswers& answers);

}  // namespace tandem
