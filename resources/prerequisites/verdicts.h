// From the answers to conditions: a function for each prerequisite. Pure.
//
// What could not be asked is Unknown, never False; each that is not met names what mends it.
#pragma once

#include <optional>
#include <vector>

#include "core/condition.h"
#include "core/goal.h"
#include "resources/prerequisites/answers.h"

namespace tandem {

// A node's free room below which its database, its logs or a copy may fail.
inline constexpr std::uint64_t kFreeBytesMin = 1ULL << 30U;
// How far the clocks may be apart: certificates, ages and logs are compared by them.
inline constexpr std::chrono::seconds kClockSkewMax{2};

// All that this node can tell in its role; nothing of what was not asked.
std::vector<Condition> prerequisite_conditions(const Goal& goal, const Answers& answers);

// ---- by which way the nodes reach each other (reach_verdicts.cc)
Condition ssh_reachable(const Goal& goal, const Answers& answers);
Condition postgres_reachable(const Goal& goal, const Answers& answers);
Condition ping_allowed(const Goal& goal, const Answers& answers);
Condition subnets_differ(const Goal& goal, const Answers& answers);

// ---- whether the nodes are a pair (pair_verdicts.cc)
Condition nodes_cloned(const Goal& goal, const Answers& answers);
Condition versions_equal(const Goal& goal, const Answers& answers);
Condition postgres_majors_equal(const Goal& goal, const Answers& answers);
Condition locales_equal(const Goal& goal, const Answers& answers);
Condition peer_wizard_passed(const Goal& goal, const Answers& answers);
Condition clocks_agree(const Goal& goal, const Answers& answers);

// ---- whether each is set up for it (node_verdicts.cc)
Condition no_plugin_on_secondary(const Goal& goal, const Answers& answers);
Condition trunk_expiry_short(const Goal& goal, const Answers& answers);
Condition tenants_seen(const Goal& goal, const Answers& answers);
Condition disk_free(const Goal& goal, const Answers& answers);

}  // namespace tandem
