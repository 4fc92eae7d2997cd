// `tandem get conditions|resources [NAME...]`: one table, like kubectl's.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/commands/rows.h"
#include "app/terminal.h"
#include "core/wording.h"

namespace tandem {
namespace {

void print_names(const nlohmann::ordered_json& list, const char* key) {
  for (const auto& item : list) fmt::print("{}\n", printable(item[key].get<std::string>()));
}

void print_table(const Options& options, const nlohmann::ordered_json& pair,
                 const GetFlags& flags) {
  const Terminal out(STDOUT_FILENO, options.no_color);
  const bool wide = flags.output == "wide";
  std::string text = flags.topic == "conditions"
                         ? table(out, condition_headers(wide), condition_rows(pair, wide))
                         : table(out, resource_headers(wide), resource_rows(pair, wide));
  if (flags.no_headers) text.erase(0, text.find('\n') + 1);
  fmt::print("{}", text);
}

// Keeps the items of these names, in the list's own order. not_found: one that is not there.
Status keep_only(nlohmann::ordered_json& list, const char* key,
                 const std::vector<std::string>& names) {
  if (names.empty()) return success();
  std::vector<std::string> known;
  for (const auto& item : list) known.push_back(item[key].get<std::string>());
  for (const auto& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string near = nearest(name, known);
      return Error{Fault::not_found,
                   fmt::format("there is no {}; {}", in_quotes(name),
                               near.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                                            : fmt::format("the nearest is '{}'", near))};
    }
  auto kept = nlohmann::ordered_json::array();
  for (auto& item : list)
    if (std::find(names.begin(), names.end(), item[key].get<std::string>()) != names.end())
      kept.push_back(std::move(item));
  list = std::move(kept);
  return success();
}

}  // namespace

int get_command(const Options& options, const GetFlags& flags) {
  if (flags.topic != "conditions" && flags.topic != "resources")
    return get_history_command(options, flags);
  if (flags.since || flags.watch || flags.type) {
    fmt::print(stderr, "error: --since, --type and --watch are for events\n");
    return kExitUsage;
  }
  auto answer = ask_for_pair(options);
  if (!answer.ok()) {
    print_error(options, answer.error().message);
    return kExitFailed;
  }
  auto& pair = answer.value();
  auto& list = pair["status"][flags.topic];
  const char* const key = flags.topic == "conditions" ? "type" : "name";
  const Status found = keep_only(list, key, flags.names);
  if (!found.ok()) {
    print_error(options, found.error().message);
    return kExitFailed;
  }
  if (flags.output == "json")
    fmt::print("{}\n", shown_json(list));
  else if (flags.output == "yaml")
    fmt::print("{}", as_yaml(list));
  else if (flags.output == "name")
    print_names(list, key);
  else
    print_table(options, pair, flags);
  return kExitGood;
}

}  // namespace tandem
