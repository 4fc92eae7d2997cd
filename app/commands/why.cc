// `tandem why`: what the node would do next about takeover and failback, and what that waits for.
#include <fmt/format.h>
#include <unistd.h>

#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/commands/rows.h"
#include "app/terminal.h"

namespace tandem {

int why_command(const Options& options, const std::string& output) {
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const auto why = ask_operator(config.value(), "/api/v1/why");
  if (!why.ok()) {
    print_error(options, printable(why.error().message));
    return kExitFailed;
  }
  const auto& json = why.value();
  if (output == "json") {
    fmt::print("{}\n", shown_json(json));
    return kExitGood;
  }
  const Terminal out(STDOUT_FILENO, options.no_color);
  fmt::print("{}\n", out.tinted(Tint::strong, printable(json.value("sentence", ""))));
  const auto rows = guard_rows(json);
  if (!rows.empty()) fmt::print("\n{}", table(out, guard_headers(), rows));
  if (const auto next = json.value("next", ""); !next.empty())
    fmt::print("\n{}", wrapped("Next: " + printable(next), 100, 0));
  return kExitGood;
}

}  // namespace tandem
