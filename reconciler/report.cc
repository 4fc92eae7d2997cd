#include "reconciler/report.h"

#include <cstdlib>

namespace tandem {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::in_sync: return "InSync";
    case Outcome::repaired: return "Repaired";
    case Outcome::drifted: return "Drifted";
    case Outcome::waiting: return "Waiting";
    case Outcome::deferred: return "Deferred";
    case Outcome::contested: return "Contested";
    case Outcome::failed: return "Failed";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

bool settled(Outcome outcome) {
  return outcome == Outcome::in_sync || outcome == Outcome::repaired ||
         outcome == Outcome::deferred;
}

}  // namespace tandem
