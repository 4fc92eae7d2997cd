#include "tests/wazo_sim/provd/documents.h"

#include <algorithm>

#include "tests/wazo_sim/disk.h"

namespace tandem::wazo_sim {
namespace {

// The member that a dotted key names, or nothing.
const Json* member(const Json& document, const std::string& dotted) {
  const Json* at = &document;
  std::size_t begin = 0;
  for (;;) {
    const auto dot = dotted.find('.', begin);
    const auto key = dotted.substr(begin, dot == std::string::npos ? dot : dot - begin);
    if (!at->is_object() || !at->contains(key)) return nullptr;
    at = &at->at(key);
    if (dot == std::string::npos) return at;
    begin = dot + 1;
  }
}

bool is_among(const Json& value, const Json& list) {
  return list.is_array() &&
         std::ranges::any_of(list, [&](const Json& each) { return same_json(each, value); });
}

bool contains(const Json& value, const Json& wanted) {
  if (value.is_array()) return is_among(wanted, value);
  if (!wanted.is_string()) return false;
  const auto text = wanted.get<std::string>();
  if (value.is_object()) return value.contains(text);
  return value.is_string() && value.get<std::string>().find(text) != std::string::npos;
}

bool holds(const std::string& operation, const Json* value, const Json& wanted) {
  if (operation == "$exists") return (value != nullptr) == (wanted != Json(false));
  if (operation == "$ne") return value == nullptr || !same_json(*value, wanted);
  if (operation == "$nin") return value == nullptr || !is_among(*value, wanted);
  if (value == nullptr) return false;
  if (operation == "$in") return is_among(*value, wanted);
  if (operation == "$contains") return contains(*value, wanted);
  if (operation == "$gt") return *value > wanted;
  if (operation == "$ge") return *value >= wanted;
  if (operation == "$lt") return *value < wanted;
  return operation == "$le" && *value <= wanted;
}

bool is_operation(const Json& condition) {
  return condition.is_object() && !condition.empty() && condition.begin().key().starts_with('$');
}

bool selected(const Json& document, const Json& selector) {
  for (const auto& [key, condition] : selector.items()) {
    const Json* value = member(document, key);
    if (!is_operation(condition)) {
      if (value == nullptr || !same_json(*value, condition)) return false;
      continue;
    }
    for (const auto& [operation, wanted] : condition.items())
      if (!holds(operation, value, wanted)) return false;
  }
  return true;
}

// The id always comes first, asked for or not.
Json only(const Json& document, const std::vector<std::string>& fields) {
  if (fields.empty()) return document;
  Json part = {{"id", document.at("id")}};
  for (const std::string& field : fields) {
    const Json* value = member(document, field);
    if (value == nullptr) continue;
    Json* at = &part;
    std::size_t begin = 0;
    for (auto dot = field.find('.'); dot != std::string::npos; dot = field.find('.', begin)) {
      at = &(*at)[field.substr(begin, dot - begin)];
      begin = dot + 1;
    }
    (*at)[field.substr(begin)] = *value;
  }
  return part;
}

void sort_by(std::vector<Json>& documents, const std::string& key, bool descending) {
  std::ranges::stable_sort(documents, [&](const Json& left, const Json& right) {
    const Json* a = member(left, key);
    const Json* b = member(right, key);
    const Json missing = nullptr;
    const Json& first = a == nullptr ? missing : *a;
    const Json& second = b == nullptr ? missing : *b;
    return descending ? second < first : first < second;
  });
}

}  // namespace

void ProvdDocuments::load() {
  documents_.clear();
  std::filesystem::create_directories(directory_);
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    const std::string id = entry.path().filename();
    if (!entry.is_regular_file() || entry.path().extension() == ".new") continue;
    // A damaged file is skipped: provd logs it and starts without that document.
    auto document = read_json(entry.path());
    if (!document || !document->is_object()) continue;
    (*document)["id"] = id;
    documents_[id] = *document;
  }
}

const Json* ProvdDocuments::find(const std::string& id) const {
  const auto found = documents_.find(id);
  return found == documents_.end() ? nullptr : &found->second;
}

void ProvdDocuments::put(const std::string& id, const Json& document) {
  documents_[id] = document;
  write_file(directory_ / id, dump_compact(document));
}

bool ProvdDocuments::remove(const std::string& id) {
  if (documents_.erase(id) == 0) return false;
  std::filesystem::remove(directory_ / id);
  return true;
}

std::vector<Json> ProvdDocuments::list(const ProvdQuery& query) const {
  std::vector<Json> found;
  for (const auto& [id, document] : documents_)
    if (selected(document, query.selector)) found.push_back(document);
  if (!query.sort.empty()) sort_by(found, query.sort, query.descending);
  found.erase(found.begin(),
              found.begin() + static_cast<std::ptrdiff_t>(std::min(query.skip, found.size())));
  if (query.limit > 0 && found.size() > query.limit) found.resize(query.limit);
  for (Json& document : found) document = only(document, query.fields);
  return found;
}

}  // namespace tandem::wazo_sim
