// A collection of provd's: documents in memory, one JSON file for each, queried by selectors.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

struct ProvdQuery {
  Json selector = Json::object();
  std::vector<std::string> fields;  // none: the whole document
  std::size_t skip = 0;
  std::size_t limit = 0;  // 0: no limit
  std::string sort;
  bool descending = false;
};

class ProvdDocuments {
 public:
  explicit ProvdDocuments(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Forgets what is in memory and reads the files, as provd does when it starts.
  void load();

  const Json* find(const std::string& id) const;
  void put(const std::string& id, const Json& document);
  bool remove(const std::string& id);
  std::vector<Json> list(const ProvdQuery& query) const;
  bool empty() const { return documents_.empty(); }

 private:
  std::filesystem::path directory_;
  std::map<std::string, Json> documents_;
};

}  // namespace tandem::wazo_sim
