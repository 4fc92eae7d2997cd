// `tandem manual [PAGE]`: the pages of the manual, for the build and for who has no package.
#include "app/manual/manual.h"

#include <fmt/format.h>

#include "app/commands/commands.h"

namespace tandem {

int manual_command(const std::string& page) {
  if (page.empty()) {
    for (const auto name : manual_pages()) fmt::print("{}\n", name);
    return kExitGood;
  }
  const std::string text = manual_page(page);
  if (text.empty()) {
    fmt::print(stderr, "error: there is no page '{}'; `tandem manual` lists them\n", page);
    return kExitUsage;
  }
  fmt::print("{}", text);
  return kExitGood;
}

}  // namespace tandem
