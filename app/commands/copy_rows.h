// How the copies to the secondary stand, as text: from the document of `GET /api/v1/replication`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/terminal.h"

namespace tandem {

// 1203400 to "1,203,400"; 1234567 bytes to "1.2 MiB"; 3400 ms to "3.4s".
std::string grouped(std::uint64_t number);
std::string bytes_text(std::uint64_t bytes);
std::string took_text(std::uint64_t milliseconds);

// 1203400 to "1.20M": what changes while it is read.
std::string short_count(std::uint64_t number);

// How far a run is, within 80 columns but for the table's name: "comparing 12/109 tables, 1.20M of
// 4.00M rows, 85K/s, 33s to go (cel)". `pace` is of CopyPace.
std::string meter_text(const nlohmann::ordered_json& meter, const std::string& pace = "");

// {"time", "items": [{"kind", ...}]} of the document: what `tandem get` lists.
nlohmann::ordered_json replication_list(const nlohmann::ordered_json& document);
std::vector<std::string> replication_headers(bool wide);
std::vector<std::vector<Cell>> replication_rows(const nlohmann::ordered_json& list, bool wide);

// The same of `GET /api/v1/generations`, which is a list already.
std::vector<std::string> generation_headers(bool wide);
std::vector<std::vector<Cell>> generation_rows(const nlohmann::ordered_json& list, bool wide);

// The block of `tandem status`; `replication` as in the pair's document, `now` its time. Empty
// where nothing is copied.
std::string replication_block(const Terminal& out, const nlohmann::ordered_json& replication,
                              const nlohmann::ordered_json& now, bool wide);

}  // namespace tandem
