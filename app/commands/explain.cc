// `tandem explain [FIELD]`: the documentation of the declaration's fields.
#include "core/explain.h"

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "reconciler/failover/explanations.h"

namespace tandem {

int explain_command(const std::string& field) {
  if (field == "failover") {
    fmt::print("{}", transitions_text());
    return kExitGood;
  }
  const auto text = explain(field);
  if (!text.ok()) {
    fmt::print(stderr, "error: {}\n", text.error().message);
    return kExitFailed;
  }
  fmt::print("{}", text.value());
  return kExitGood;
}

}  // namespace tandem
