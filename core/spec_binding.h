// Which field of the table is which member of the structs, for both directions at once: `visit` in
// spec_members.h names each pair once, and the two archives below read or write them.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/fields.h"
#include "core/formats.h"
#include "core/spec.h"
#include "core/spec_members.h"
#include "core/wording.h"

namespace tandem {

using Json = nlohmann::ordered_json;

// Fills structs from what spec_reader accepted. A field that is not there keeps its default.
class JsonToSpec {
 public:
  JsonToSpec(const Json& json, const FieldTree& tree) : json_(json), tree_(tree) {}

  template <class F>
  void within(const char* name, F below) {
    if (const auto* json = find(name)) {
      JsonToSpec child(*json, *tree_.child(name));
      below(child);
    }
  }

  template <class T>
  void field(const char* name, T& member) {
    if (const auto* json = find(name)) JsonToSpec(*json, *tree_.child(name)).value(member);
  }

 private:
  const Json* find(const char* name) const {
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }

  std::string text() const { return json_.is_string() ? json_.get<std::string>() : ""; }

  void value(std::string& member) { member = text(); }
  void value(bool& member) {
    // Of a choice the first is true: managed, unmanaged.
    member = json_.is_boolean() ? json_.get<bool>() : text() == split(tree_.field->choices).front();
  }
  void value(Duration& member) { member = parse_duration(text()).value_or(Duration{}); }
  void value(TimeWindow& member) { member = parse_day_window(text()).value_or(TimeWindow{}); }
  void value(WallTime& member) { member = parse_time(text()).value_or(WallTime{}); }

  template <class T>
  void value(T& member) {
    if constexpr (std::is_enum_v<T>) {
      const auto choices = split(tree_.field->choices);
      for (std::size_t i = 0; i < choices.size(); ++i)
        if (choices[i] == text()) member = static_cast<T>(i);
    } else if constexpr (std::is_integral_v<T>) {
      // A percentage is "50%"; the reader has seen to its form.
      member = json_.is_string() ? static_cast<T>(std::stoi(text())) : json_.get<T>();
    } else {
      visit(*this, member);
    }
  }

  template <class T>
  void value(std::optional<T>& member) {
    member.reset();
    if (json_.is_null() || is_word()) return;
    value(member.emplace());
  }

  template <class T>
  void value(std::vector<T>& member) {
    member.clear();
    // A refused item is null here and stays empty, so that the checks count as the file does.
    for (const auto& item : json_) {
      member.emplace_back();
      if (!item.is_null()) JsonToSpec(item, tree_.children.front()).value(member.back());
    }
  }

  template <class T>
  void value(std::map<std::string, T>& member) {
    member.clear();
    for (const auto& [name, item] : json_.items())
      JsonToSpec(item, tree_.children.front()).value(member[name]);
  }

  void value(NotifyTarget& member) {
    if (json_.contains("webhook")) member = WebhookTarget{};
    if (json_.contains("exec")) member = ExecTarget{};
    std::visit([this](auto& target) { visit(*this, target); }, member);
  }

  // "auto" for a list, "ignore" for an object.
  bool is_word() const { return json_.is_string() && tree_.field->type != Type::text; }

  const Json& json_;
  const FieldTree& tree_;
};

// The reverse. `visit` takes members it may change, so the caller hands in a copy.
class SpecToJson {
 public:
  SpecToJson(Json& json, const FieldTree& tree) : json_(json), tree_(tree) {}

  template <class F>
  void within(const char* name, F below) {
    json_[name] = Json::object();
    SpecToJson child(json_[name], *tree_.child(name));
    below(child);
  }

  template <class T>
  void field(const char* name, T& member) {
    SpecToJson(json_[name], *tree_.child(name)).value(member);
  }

 private:
  const Field& row() const { return *tree_.field; }

  void value(std::string& member) {
    if (!member.empty() || !row().nullable) json_ = member;  // else null, as json_ is at first
  }
  void value(bool& member) {
    if (row().type == Type::boolean)
      json_ = member;
    else
      json_ = split(row().choices)[member ? 0 : 1];
  }
  void value(Duration& member) { json_ = to_string(member); }
  void value(TimeWindow& member) { json_ = to_string(member); }
  void value(WallTime& member) { json_ = to_string(member); }

  template <class T>
  void value(T& member) {
    if constexpr (std::is_enum_v<T>) {
      json_ = split(row().choices).at(static_cast<std::size_t>(member));
    } else if constexpr (std::is_integral_v<T>) {
      if (row().type == Type::percent)
        json_ = std::to_string(member) + "%";
      else
        json_ = member;
    } else {
      json_ = Json::object();
      visit(*this, member);
    }
  }

  template <class T>
  void value(std::optional<T>& member) {
    if (member)
      value(*member);
    else if (row().choices.empty())
      json_ = nullptr;
    else
      json_ = std::string(row().choices);
  }

  template <class T>
  void value(std::vector<T>& member) {
    json_ = Json::array();
    for (auto& item : member) SpecToJson(json_.emplace_back(), tree_.children.front()).value(item);
  }

  template <class T>
  void value(std::map<std::string, T>& member) {
    json_ = Json::object();
    for (auto& [name, item] : member) SpecToJson(json_[name], tree_.children.front()).value(item);
  }

  void value(NotifyTarget& member) {
    json_ = Json::object();
    std::visit([this](auto& target) { visit(*this, target); }, member);
  }

  Json& json_;
  const FieldTree& tree_;
};

}  // namespace tandem
