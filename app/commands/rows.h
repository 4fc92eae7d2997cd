// The tables of resources and conditions, from the pair's document, and of the API's lists.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/terminal.h"

namespace tandem {

std::vector<std::string> resource_headers(bool wide);
std::vector<std::vector<Cell>> resource_rows(const nlohmann::ordered_json& pair, bool wide);

std::vector<std::string> condition_headers(bool wide);
std::vector<std::vector<Cell>> condition_rows(const nlohmann::ordered_json& pair, bool wide);

// Of the documents of events, takeovers and probes, and of `tandem why`.
std::vector<std::string> event_headers(bool wide);
std::vector<std::vector<Cell>> event_rows(const nlohmann::ordered_json& list, bool wide);
std::vector<std::string> takeover_headers(bool wide);
std::vector<std::vector<Cell>> takeover_rows(const nlohmann::ordered_json& list, bool wide);
std::vector<std::string> probe_headers();
std::vector<std::vector<Cell>> probe_rows(const nlohmann::ordered_json& list);
std::vector<std::string> guard_headers();
std::vector<std::vector<Cell>> guard_rows(const nlohmann::ordered_json& why);

// Seconds between two times of a document itself, so that a client's clock plays no part: "5m2s".
std::string age_between(const nlohmann::ordered_json& from, const nlohmann::ordered_json& to);

}  // namespace tandem
