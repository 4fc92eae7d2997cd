#include "core/credentials.h"

#include <fmt/format.h>

#include <utility>

#include "core/spec_reader.h"
#include "core/spec_scalars.h"
#include "core/yaml_tree.h"

namespace tandem {
namespace {

constexpr std::size_t kCredentialBytesMax = 1024;

// What is wrong with a user name or password; empty if nothing is.
std::string check(const YamlValue& value) {
  if (value.kind == YamlValue::Kind::null) return "has no value; must be text";
  if (value.kind != YamlValue::Kind::scalar) return "is not text; must be text";
  if (!value.quoted && means_something_else(value.text))
    return "is no text to every YAML program; must be in quotes to be text";
  if (value.text.empty()) return "is empty; must have at least one character";
  if (value.text.size() > kCredentialBytesMax)
    return fmt::format("is too long; must have at most {} bytes", kCredentialBytesMax);
  for (const char c : value.text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return "has a control character or line break; must be one line";
  return "";
}

}  // namespace

Parsed<Credentials> parse_credentials(std::string_view text, std::string_view file) {
  auto yaml = read_yaml(text, file, Names::hidden);
  auto problems = std::move(yaml.problems);
  const auto report = [&](const Place& place, std::string path, std::string message) {
    problems.push_back(
        {std::string(file), place.line, place.column, std::move(path), std::move(message)});
  };
  Credentials credentials;
  if (yaml.top && yaml.top->kind != YamlValue::Kind::map) {
    report(yaml.top->place, "", "the file is no object; must have username and password");
  } else if (yaml.top) {
    const std::pair<std::string, std::string*> fields[] = {{"username", &credentials.username},
                                                           {"password", &credentials.password}};
    bool found[] = {false, false};
    for (const auto& entry : yaml.top->entries) {
      const std::size_t i = entry.name == "username" ? 0 : entry.name == "password" ? 1 : 2;
      if (i == 2) {
        report(entry.place, "", "unknown field; must be username or password");
        continue;
      }
      found[i] = true;
      *fields[i].second = entry.value.text;
      const auto wrong = check(entry.value);
      const bool absent = entry.value.kind == YamlValue::Kind::null;
      if (!wrong.empty()) report(absent ? entry.place : entry.value.place, fields[i].first, wrong);
    }
    for (std::size_t i = 0; i < 2; ++i)
      if (!found[i]) report({}, fields[i].first, "is missing; must be text");
  }
  if (!problems.empty()) return tl::unexpected(in_order(std::move(problems)));
  return credentials;
}

}  // namespace tandem
