// `tandem get conditions|resources`: one table, like kubectl's.
#include <fmt/format.h>
#include <unistd.h>

#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/commands/rows.h"
#include "app/terminal.h"

namespace tandem {
namespace {

void print_names(const nlohmann::ordered_json& list, const char* key) {
  for (const auto& item : list) fmt::print("{}\n", item[key].get<std::string>());
}

void print_table(const Options& options, const nlohmann::ordered_json& pair,
                 const std::string& what, bool wide, bool no_headers) {
  const Terminal out(STDOUT_FILENO, options.no_color);
  const bool conditions = what == "conditions";
  std::string text = conditions ? table(out, condition_headers(wide), condition_rows(pair, wide))
                                : table(out, resource_headers(wide), resource_rows(pair, wide));
  if (no_headers) text.erase(0, text.find('\n') + 1);
  fmt::print("{}", text);
}

}  // namespace

int get_command(const Options& options, const std::string& what, const std::string& output,
                bool no_headers) {
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const auto pair = ask_operator(config.value(), "/api/v1/pair");
  if (!pair.ok()) {
    print_error(options, pair.error().message);
    return kExitFailed;
  }
  const auto& list = pair.value()["status"][what];
  if (output == "json")
    fmt::print("{}\n", list.dump(2));
  else if (output == "yaml")
    fmt::print("{}", as_yaml(list));
  else if (output == "name")
    print_names(list, what == "conditions" ? "type" : "name");
  else
    print_table(options, pair.value(), what, output == "wide", no_headers);
  return kExitGood;
}

}  // namespace tandem
