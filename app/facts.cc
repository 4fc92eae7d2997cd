#include "app/facts.h"

#include <nlohmann/json.hpp>

#include "app/version.h"

namespace tandem {

Result<std::string> facts_now(const OperatorConfig& config) {
  nlohmann::ordered_json facts;
  facts["node"] = config.node;
  facts["tandemVersion"] = kVersion;
  return facts.dump() + "\n";
}

}  // namespace tandem
