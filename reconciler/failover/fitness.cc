#include "reconciler/failover/fitness.h"

#include <fmt/format.h>

namespace tandem {

Condition secondary_fit(const Fitness& fit) {
  Condition told{"SecondaryFit", Truth::yes, "Fit", "this node could serve for the primary", true};
  if (fit.wizard_passed && fit.replicated && fit.misses.empty()) {
    if (fit.looked) return told;
    return {"SecondaryFit", Truth::unknown, "NotLookedYet",
            "it has not been looked at yet what this node could serve with", true};
  }
  told.status = Truth::no;
  told.reason = !fit.wizard_passed ? "WizardMissing"
                : !fit.replicated  ? "NeverReplicated"
                                   : "Misses";
  std::vector<std::string> sentences;
  if (!fit.wizard_passed)
    sentences.emplace_back(
        "the wizard has not passed, or it can not be told, so this node takes nothing over by "
        "itself (WizardPassed)");
  if (!fit.replicated)
    sentences.emplace_back(
        "this node holds no copy of the primary's database, so it takes nothing over by itself; "
        "run on the primary: tandem replicate database");
  sentences.insert(sentences.end(), fit.misses.begin(), fit.misses.end());
  told.message = fmt::format("{}", fmt::join(sentences, "; "));
  return told;
}

}  // namespace tandem
