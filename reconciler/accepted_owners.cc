#include "reconciler/accepted_owners.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/json_text.h"
#include "core/yaml_tree.h"

namespace tandem {
namespace {

const char* owner_name(Owner owner) { return owner == Owner::tandem ? "tandem" : "vendor"; }

// Whether the text has a value at this place.
bool declares(const std::string& text, const std::vector<std::string>& path) {
  const YamlDocument document = read_yaml(text, "");
  if (!document.top) return false;
  const YamlValue* value = &*document.top;
  for (const std::string& name : path) {
    const auto entry = std::find_if(value->entries.begin(), value->entries.end(),
                                    [&](const YamlEntry& one) { return one.name == name; });
    if (entry == value->entries.end()) return false;
    value = &entry->value;
  }
  return true;
}

// Where the record is lost the duties are what they are for a text that is accepted now: they were,
// unless an old release accepted it. To hand them over for the loss of a file would set both nodes
// at each other.
Owner owner_then(const nlohmann::json& record, const std::string& text, const char* duty,
                 Owner now) {
  if (!record.is_object() || declares(text, {"spec", duty, "owner"})) return now;
  const bool written =
      record.contains("owners") && record["owners"].is_object() && record["owners"].contains(duty);
  if (!written) return Owner::vendor;
  return record["owners"][duty] == owner_name(Owner::tandem) ? Owner::tandem : Owner::vendor;
}

}  // namespace

nlohmann::ordered_json owners_record(const HAPair& pair) {
  return {{"failover", owner_name(pair.failover.owner)},
          {"replication", owner_name(pair.replication.owner)}};
}

void keep_owners(const std::string& text, const std::string& record, HAPair& pair) {
  const auto json = read_json(record);
  pair.failover.owner = owner_then(json, text, "failover", pair.failover.owner);
  pair.replication.owner = owner_then(json, text, "replication", pair.replication.owner);
}

}  // namespace tandem
