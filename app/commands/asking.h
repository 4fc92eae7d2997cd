// What commands share that ask the running operator.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/operator_client.h"
#include "app/options.h"
#include "core/result.h"

namespace tandem {

// GET of `path`, with a message that says what to do where no operator runs.
Result<nlohmann::ordered_json> ask_operator(
    const OperatorConfig& config, const std::string& path,
    std::chrono::milliseconds limit = OperatorClient::kReadLimit);

// The pair's document, as `get` and `status` show it.
Result<nlohmann::ordered_json> ask_for_pair(
    const Options& options, std::chrono::milliseconds limit = OperatorClient::kReadLimit);

// Who types: for the record only, nothing is allowed by it.
std::string who_types();

// `json` as YAML, for `-o yaml`.
std::string as_yaml(const nlohmann::ordered_json& json);

}  // namespace tandem
