// The JSON documents that the API and `-o json` show.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "reconciler/failover/peer_keeper.h"
#include "reconciler/loop.h"
#include "reconciler/plan.h"

namespace tandem {

using OrderedJson = nlohmann::ordered_json;

// RFC 3339 in UTC, to the second.
std::string rfc3339(WallTime time);

// The HAPair object with spec (defaults filled in) and status.
OrderedJson pair_document(const Loop& loop, const std::string& node, WallTime now);

// What a person may raise next; empty where there is nothing.
std::string next_of(const Loop& loop);

// What is known of the other node over the peer link.
OrderedJson peer_document(const PeerKeeper& link);

OrderedJson plan_document(const Plan& plan);

OrderedJson apply_document(const ApplyResult& result);

// RFC 9457.
OrderedJson problem_document(int status, const std::string& title, const std::string& detail);

}  // namespace tandem
