#include "tests/reference/documents.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "core/formats.h"
#include "core/wording.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMark = "@@";

// No name or address of the pair may be there twice.
std::string sample_text(const Field& field) {
  if (field.path == "spec.secondary.name") return "pbx-b";
  if (field.path == "spec.secondary.address") return "192.0.2.11";
  const bool other = field.path != "spec.primary.address" && field.format == Format::node_address;
  if (other) return "192.0.2.77";
  return field.format == Format::any ? "/usr/bin/true" : std::string(rule_of(field.format).example);
}

Json sample(const FieldTree& tree) {
  const Field& field = *tree.field;
  switch (field.type) {
    case Type::object: {
      Json object = Json::object();
      for (const FieldTree& child : tree.children)
        if (child.field->required || (field.one_of && object.empty()))
          object[child.name] = sample(child);
      return object;
    }
    case Type::list: {
      Json list = Json::array();
      if (field.items_min > 0) list.push_back(sample(tree.children.front()));
      return list;
    }
    case Type::map: return Json::object();
    case Type::text: return sample_text(field);
    case Type::choice: return split(field.choices).front();
    case Type::boolean: return true;
    case Type::integer: return Json::parse(field.fallback);
    case Type::percent: return "50%";
    case Type::duration: return field.fallback.empty() ? "1m" : field.fallback;
  }
  return {};
}

// The names from the kind down to a field: "[]" and "ID" are names of their own.
std::vector<std::string> names_of(const Field& field) {
  std::vector<std::string> names;
  for (auto part : split(field.path, '.')) {
    std::size_t items = 0;
    for (; part.ends_with("[]"); ++items) part.resize(part.size() - 2);
    names.push_back(part);
    names.insert(names.end(), items, "[]");
  }
  return names;
}

Json with_mark(const FieldTree& tree, const std::vector<std::string>& names, std::size_t at) {
  if (at == names.size()) return kMark;
  const Field& field = *tree.field;
  const FieldTree& child = *tree.child(names[at]);
  if (field.type == Type::list) return Json::array({with_mark(child, names, at + 1)});
  if (field.type == Type::map) return {{"default", with_mark(child, names, at + 1)}};
  Json object = field.one_of ? Json::object() : sample(tree);
  object[names[at]] = with_mark(child, names, at + 1);
  return object;
}

}  // namespace

std::string document_with(const FieldTree& kind, const Field& field, std::string_view value) {
  Json json = with_mark(kind, names_of(field), 0);
  // Only xivo has this part; the kinds' own rules want the product to fit.
  if (field.path.starts_with("spec.interconnection")) json["spec"]["product"] = "xivo";
  if (field.path.starts_with("spec.peer")) {
    const FieldTree& tls = *kind.child("spec")->child("listenTls");
    json["spec"]["listenTls"] = sample(tls);
    json["spec"]["listenTls"]["address"] = "127.0.0.1:9878";
  }
  if (field.path.starts_with("spec.listenTls")) json["spec"]["listen"] = "127.0.0.1:9000";
  std::string text = json.dump();
  const std::string mark = '"' + std::string(kMark) + '"';
  text.replace(text.find(mark), mark.size(), value);
  return text;
}

std::string good_value(const FieldTree& tree) { return sample(tree).dump(); }

}  // namespace tandem
