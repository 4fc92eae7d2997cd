#include "core/changed_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/goal.h"
#include "core/spec.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

// Webhooks and programs with their arguments: what they changed from and to is nobody's to read.
constexpr std::string_view kNotShown[] = {"spec.hooks", "spec.notify"};

bool is_shown(std::string_view path) {
  return std::ranges::none_of(kNotShown, [&](auto hidden) { return path.starts_with(hidden); });
}

std::string shown(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Both come from one writer: an object has the same keys in both, unless it is null in one.
void compare(const std::string& path, const Json& before, const Json& after,
             std::vector<std::string>& lines) {
  if (before == after) return;
  if (before.is_object() && after.is_object()) {
    for (const auto& [key, value] : after.items())
      compare(path.empty() ? key : fmt::format("{}.{}", path, key), before.value(key, Json()),
              value, lines);
    for (const auto& [key, value] : before.items())
      if (!after.contains(key)) compare(fmt::format("{}.{}", path, key), value, Json(), lines);
    return;
  }
  lines.push_back(is_shown(path) ? fmt::format("{}: {} -> {}", path, shown(before), shown(after))
                                 : fmt::format("{}: changed (not shown)", path));
}

}  // namespace

std::vector<std::string> changed_fields(const HAPair& before, const HAPair& after) {
  std::vector<std::string> lines;
  compare("", to_json(before), to_json(after), lines);
  const auto structural = structural_differences(before, after);
  std::erase_if(lines, [&](const std::string& line) {
    const auto field = line.substr(0, line.find(':') + 1);
    return std::ranges::any_of(structural,
                               [&](const auto& known) { return known.starts_with(field); });
  });
  return lines;
}

}  // namespace tandem
