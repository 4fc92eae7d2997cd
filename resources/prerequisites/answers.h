// What was answered to the questions of the prerequisites: all that the verdicts are made of.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "pbx/node_facts.h"
#include "ports/network.h"

namespace tandem {

// The other node's facts, and between which two moments of our clock it read its own.
struct PeerAnswer {
  NodeFacts facts;
  std::chrono::nanoseconds asked{};     // since 1970, before the question
  std::chrono::nanoseconds answered{};  // after the answer
};

// How long a trunk asks its carrier to remember it.
struct TrunkExpiry {
  std::string name;
  std::optional<std::chrono::seconds> expiry;  // nullopt: what is set is no number
  bool is_default = false;                     // nothing is set: Asterisk's own
};

// The tenants for which confd shows no SIP template, by name.
struct UnseenTenants {
  std::size_t tenants = 0;
  std::vector<std::string> unseen;
};

// nullopt: it was not asked on this node, or not yet.
struct Answers {
  std::optional<Result<std::vector<LocalAddress>>> addresses;
  std::optional<Result<std::chrono::nanoseconds>> echo;
  std::optional<NodeFacts> own;
  std::optional<Result<PeerAnswer>> peer;
  std::optional<Result<std::string>> ssh;
  std::optional<Result<std::string>> postgres;
  std::optional<Result<std::vector<std::string>>> host_keys;  // of the other node, over the network
  std::optional<Result<std::vector<TrunkExpiry>>> trunks;
  std::optional<Result<UnseenTenants>> tenants;
};

}  // namespace tandem
