#include "tests/wazo_sim/confd/sip.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "tests/wazo_sim/context.h"

namespace tandem::wazo_sim {
namespace {

constexpr std::size_t kPairsMax = 512;
constexpr std::size_t kTextMax = 4092;
constexpr int kInheritanceMax = 10;

// Option names that confd knows, in the order of its own list. The AOR's are recorded; the others
// are Asterisk's. Sections that are absent here are not checked.
const std::map<std::string, std::vector<std::string_view>>& known_options() {
  static const std::map<std::string, std::vector<std::string_view>> kKnown = {
      {"aor_section_options",
       {"contact", "default_expiration", "mailboxes", "voicemail_extension", "maximum_expiration",
        "max_contacts", "minimum_expiration", "remove_existing", "qualify_frequency",
        "qualify_timeout", "authenticate_qualify", "outbound_proxy", "support_path"}},
      {"registration_section_options",
       {"auth_rejection_permanent", "client_uri", "contact_user", "contact_header_params",
        "expiration", "max_retries", "outbound_auth", "outbound_proxy", "max_random_initial_delay",
        "retry_interval", "forbidden_retry_interval", "fatal_retry_interval", "server_uri",
        "transport", "line", "endpoint", "support_path", "support_outbound"}},
  };
  return kKnown;
}

std::string text_problem(const Json& value) {
  if (value.is_null()) return "['Field may not be null.']";
  if (!value.is_string()) return "['Not a valid string.']";
  const auto size = value.get_ref<const std::string&>().size();
  if (size < 1 || size > kTextMax) return "['Length must be between 1 and 4092.']";
  return "";
}

// Complaints by index, as Python prints such a dictionary: "{0: [...], 3: {1: [...]}}".
std::string by_index(const std::vector<std::pair<std::size_t, std::string>>& problems) {
  std::string text;
  for (const auto& [index, problem] : problems)
    text += (text.empty() ? "" : ", ") + std::to_string(index) + ": " + problem;
  return text.empty() ? "" : "{" + text + "}";
}

std::string pair_problem(const Json& pair) {
  if (pair.is_null()) return "['Field may not be null.']";
  if (!pair.is_array()) return "['Not a valid list.']";
  std::vector<std::pair<std::size_t, std::string>> problems;
  for (std::size_t i = 0; i < pair.size(); ++i)
    if (const auto problem = text_problem(pair[i]); !problem.empty())
      problems.emplace_back(i, problem);
  if (!problems.empty()) return by_index(problems);
  return pair.size() == 2 ? "" : "['Length must be between 2 and 2.']";
}

std::string section_problem(const Json& section) {
  if (section.is_null()) return "['Field may not be null.']";
  if (!section.is_array()) return "['Not a valid list.']";
  std::vector<std::pair<std::size_t, std::string>> problems;
  for (std::size_t i = 0; i < section.size(); ++i)
    if (const auto problem = pair_problem(section[i]); !problem.empty())
      problems.emplace_back(i, problem);
  if (!problems.empty()) return by_index(problems);
  return section.size() <= kPairsMax ? "" : "['Longer than maximum length 512.']";
}

std::string references_problem(const Json& templates) {
  if (templates.is_null()) return "['Field may not be null.']";
  if (!templates.is_array()) return "['Not a valid list.']";
  std::vector<std::pair<std::size_t, std::string>> problems;
  for (std::size_t i = 0; i < templates.size(); ++i) {
    const Json& each = templates[i];
    if (!each.is_object())
      problems.emplace_back(i, "{'_schema': ['Invalid input type.']}");
    else if (!each.contains("uuid"))
      problems.emplace_back(i, "{'uuid': ['Missing data for required field.']}");
    else if (!each["uuid"].is_string() || !is_uuid(each["uuid"]))
      problems.emplace_back(i, "{'uuid': ['Not a valid UUID.']}");
  }
  return by_index(problems);
}

std::string plain_problem(const std::string& key, const Json& value) {
  if (key == "templates") return references_problem(value);
  if (key == "transport") {
    if (value.is_null()) return "";
    const std::string problem = references_problem(Json::array({value}));
    return problem.empty() ? "" : problem.substr(4, problem.size() - 5);  // without "{0: " and "}"
  }
  if (value.is_null()) return key == "name" ? "['Field may not be null.']" : "";
  return value.is_string() ? "" : "['Not a valid string.']";
}

std::optional<std::string> unknown_option(const std::string& section, const Json& pairs) {
  const auto known = known_options().find(section);
  if (known == known_options().end()) return std::nullopt;
  for (const Json& pair : pairs) {
    const auto& name = pair[0].get_ref<const std::string&>();
    if (std::ranges::find(known->second, name) != known->second.end()) continue;
    std::string names;
    for (const auto each : known->second) names += (names.empty() ? "" : ", ") + std::string(each);
    return "Input Error - '" + section + ": invalid variable (" + name + ")' must be one of (" +
           names + ")";
  }
  return std::nullopt;
}

Json sorted(Json section) {
  std::ranges::sort(section.get_ref<Json::array_t&>());
  return section;
}

Json combined(const Json& document, const char* section,
              const std::function<const Json*(const std::string&)>& parent, int depth) {
  Json options = Json::array();
  for (const Json& uuid : document.at("templates")) {
    const Json* ancestor = parent(uuid);
    if (ancestor == nullptr || depth >= kInheritanceMax) continue;
    for (const Json& pair : combined(*ancestor, section, parent, depth + 1))
      options.push_back(pair);
  }
  for (const Json& pair : document.at(section)) options.push_back(pair);
  return options;
}

}  // namespace

std::optional<std::string> sip_problem(const Json& body) {
  std::string problems;
  const auto note = [&](const std::string& key, const std::string& problem) {
    if (!problem.empty()) problems += (problems.empty() ? "" : ", ") + key + ": " + problem;
  };
  for (const char* key : {"name", "label", "asterisk_id", "templates", "transport"})
    if (body.contains(key)) note(key, plain_problem(key, body.at(key)));
  for (const char* section : kSections)
    if (body.contains(section)) note(section, section_problem(body.at(section)));
  if (!problems.empty()) return "Input Error - " + problems;
  for (const char* section : kSections)
    if (body.contains(section))
      if (auto unknown = unknown_option(section, body.at(section))) return unknown;
  return std::nullopt;
}

void change_sip(Json& document, const Json& body) {
  for (const char* key : {"name", "label", "asterisk_id"})
    if (body.contains(key)) document[key] = body.at(key);
  if (body.contains("templates")) {
    document["templates"] = Json::array();
    for (const Json& each : body.at("templates")) document["templates"].push_back(each.at("uuid"));
  }
  if (body.contains("transport")) {
    const Json& transport = body.at("transport");
    document["transport"] = transport.is_null() ? Json(nullptr) : transport.at("uuid");
  }
  for (const char* section : kSections)
    if (body.contains(section)) document[section] = body.at(section);
}

bool same_sip(const Json& left, const Json& right) {
  Json a = left;
  Json b = right;
  for (const char* section : kSections) {
    a[section] = sorted(a.at(section));
    b[section] = sorted(b.at(section));
  }
  return a == b;
}

void shuffle_sections(Json& document, std::mt19937_64& dice) {
  for (const char* section : kSections)
    std::ranges::shuffle(document[section].get_ref<Json::array_t&>(), dice);
}

void merge_sections(Json& document, const std::function<const Json*(const std::string&)>& parent) {
  Json merged = Json::object();
  for (const char* section : kSections) {
    std::vector<std::pair<std::string, Json>> kept;
    for (const Json& pair : combined(document, section, parent, 0)) {
      const auto& key = pair[0].get_ref<const std::string&>();
      const auto same = [&](const auto& each) { return each.first == key; };
      const auto found = std::ranges::find_if(kept, same);
      if (found == kept.end())
        kept.emplace_back(key, pair);
      else
        found->second = pair;
    }
    merged[section] = Json::array();
    for (const auto& [key, pair] : kept) merged[section].push_back(pair);
  }
  // The merged sections come last in the answer.
  for (const char* section : kSections) document.erase(section);
  document.update(merged);
}

}  // namespace tandem::wazo_sim
