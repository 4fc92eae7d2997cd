// `tandem explain [FIELD]`: the documentation of the declaration's fields; `explain failover`: how
// failover decides; `explain Suspect`: a word of it; `explain Converged`: a
// condition; `explain TandemBothServe`: an alert.
#include "core/explain.h"

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/documented.h"
#include "app/terminal.h"
#include "core/failover_words.h"
#include "core/wording.h"
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
  if (const std::string told = documented(field); !told.empty()) {
    fmt::print("{}", told);
    return kExitGood;
  }
  const auto text = explain(field);
  if (!text.ok()) {
    const std::string near = nearest(field, documented_names());
    fmt::print(stderr, "error: {}{}\n", text.error().message,
               near.empty() ? "" : fmt::format("; near to it is the condition or alert {}", near));
    return kExitFailed;
  }
  fmt::print("{}", text.value());
  return kExitGood;
}

}  // namespace tandem
