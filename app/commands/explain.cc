// `tandem explain [FIELD]`: the documentation of the declaration's fields; `explain failover`: how
// failover decides; `explain Suspect`: a word of it.
#include "core/explain.h"

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/terminal.h"
#include "core/failover_words.h"
#include "reconciler/failover/explanations.h"

namespace tandem {
namespace {

constexpr std::size_t kColumns = 80;

}  // namespace

int explain_command(const std::string& field) {
  if (field == "failover") {
    fmt::print("{}", transitions_text());
    return kExitGood;
  }
  if (const auto words = words_named(field); !words.empty()) {
    for (const FailoverWord* word : words)
      fmt::print("{}\n{}{}", title_of(*word), wrapped(word->means, kColumns, 2),
                 wrapped("Do: " + std::string(word->todo), kColumns, 2));
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
