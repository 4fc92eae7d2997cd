#include "pbx/node_facts.h"

#include <fmt/format.h>

#include <sstream>
#include <utility>

#include "core/base64.h"
#include "core/digest.h"
#include "core/json_text.h"
#include "pbx/json.h"

namespace tandem {
namespace {

constexpr const char* kKind = "NodeFacts";

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json postgres_json(const std::optional<DatabaseTraits>& postgres) {
  if (!postgres) return {};
  return {{"major", postgres->major},
          {"systemIdentifier", postgres->system_identifier},
          {"encoding", postgres->encoding},
          {"collate", postgres->collate},
          {"ctype", postgres->ctype}};
}

// Takes a member if it is of the right type; what is not there stays as it is.
template <class T>
bool take(const Json& object, const char* field, T& into) {
  const auto found = object.find(field);
  if (found == object.end() || found->is_null()) return true;
  if constexpr (std::is_same_v<T, std::string>) {
    if (!found->is_string()) return false;
  } else {
    if (!found->is_number_integer()) return false;
  }
  into = found->template get<T>();
  return true;
}

bool take(const Json& object, const char* field, std::vector<std::string>& into) {
  const auto found = object.find(field);
  if (found == object.end() || found->is_null()) return true;
  if (!found->is_array()) return false;
  for (const Json& item : *found) {
    if (!item.is_string()) return false;
    into.push_back(item.get<std::string>());
  }
  return true;
}

bool take_postgres(const Json& object, std::optional<DatabaseTraits>& into) {
  const auto found = object.find("postgres");
  if (found == object.end() || found->is_null()) return true;
  if (!found->is_object()) return false;
  DatabaseTraits facts;
  if (!take(*found, "major", facts.major) ||
      !take(*found, "systemIdentifier", facts.system_identifier) ||
      !take(*found, "encoding", facts.encoding) || !take(*found, "collate", facts.collate) ||
      !take(*found, "ctype", facts.ctype))
    return false;
  into = std::move(facts);
  return true;
}

bool take_rooms(const Json& object, std::vector<FreeRoom>& into) {
  const auto found = object.find("freeBytes");
  if (found == object.end() || found->is_null()) return true;
  if (!found->is_object()) return false;
  for (const auto& [path, bytes] : found->items()) {
    if (!bytes.is_number_unsigned()) return false;
    into.push_back({path, bytes.get<std::uint64_t>()});
  }
  return true;
}

bool take_unknown(const Json& object, std::map<std::string, std::string>& into) {
  const auto found = object.find("unknown");
  if (found == object.end() || found->is_null()) return true;
  if (!found->is_object()) return false;
  for (const auto& [fact, why] : found->items()) {
    if (!why.is_string()) return false;
    into[fact] = why.get<std::string>();
  }
  return true;
}

bool take_optional(const Json& object, NodeFacts& facts) {
  if (const auto plugins = object.find("plugins"); plugins != object.end() && !plugins->is_null())
    if (!take(object, "plugins", facts.plugins.emplace())) return false;
  if (const auto wizard = object.find("wizardPassed");
      wizard != object.end() && !wizard->is_null()) {
    if (!wizard->is_boolean()) return false;
    facts.wizard_passed = wizard->get<bool>();
  }
  return true;
}

}  // namespace

std::string to_json(const NodeFacts& facts) {
  Json rooms = Json::object();
  for (const FreeRoom& room : facts.rooms) rooms[room.path] = room.bytes;
  const Json json = {{"kind", kKind},
                     {"tandemVersion", facts.tandem_version},
                     {"specHash", facts.spec_hash},
                     {"machine", facts.machine},
                     {"system", facts.system},
                     {"hostKeys", facts.host_keys},
                     {"productVersion", facts.product_version},
                     {"postgres", postgres_json(facts.postgres)},
                     {"plugins", or_null(facts.plugins)},
                     {"wizardPassed", or_null(facts.wizard_passed)},
                     {"freeBytes", std::move(rooms)},
                     {"clock", facts.clock},
                     {"unknown", facts.unknown}};
  return to_text(json);
}

Result<NodeFacts> facts_from_json(std::string_view text, std::string_view where) {
  const Error none{Fault::invalid, fmt::format("{}: it did not answer with facts of a node; is "
                                               "tandem installed there, in the same version?",
                                               where)};
  if (text.size() > NodeFacts::kBytesMax) return none;
  const Json json = read_json(text);
  if (!json.is_object() || json.value("kind", Json()) != kKind) return none;
  NodeFacts facts;
  const bool good =
      take(json, "tandemVersion", facts.tandem_version) &&
      take(json, "specHash", facts.spec_hash) && take(json, "machine", facts.machine) &&
      take(json, "system", facts.system) && take(json, "hostKeys", facts.host_keys) &&
      take(json, "productVersion", facts.product_version) && take_postgres(json, facts.postgres) &&
      take_optional(json, facts) && take_rooms(json, facts.rooms) &&
      take(json, "clock", facts.clock) && take_unknown(json, facts.unknown);
  if (!good || facts.clock <= 0) return none;
  return facts;
}

std::optional<std::string> key_fingerprint(std::string_view line) {
  std::istringstream words{std::string(line)};
  for (std::string word; words >> word;) {
    if (word.starts_with('#')) return std::nullopt;
    // Every key begins with the length and the name of its kind: "\0\0\0\7ssh-rsa".
    if (!word.starts_with("AAAA")) continue;
    const auto blob = from_base64(word);
    if (!blob) return std::nullopt;
    std::string digest = to_base64(sha256_bytes(*blob));
    while (digest.ends_with('=')) digest.pop_back();
    return "SHA256:" + digest;
  }
  return std::nullopt;
}

}  // namespace tandem
