// What one look at one resource came to.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.h"
#include "core/condition.h"
#include "core/result.h"

namespace tandem {

enum class Outcome {
  in_sync,    // nothing to do
  repaired,   // drift was found, and is gone: seen by looking again
  drifted,    // drift was found, and we may not act (Permission::why_not)
  waiting,    // what is left reaches beyond spec.changes.allow
  deferred,   // drift that is mended when the node serves
  contested,  // somebody undoes our repairs; the next one comes later
  failed,     // could not look, or could not repair
};

// "InSync", "Repaired", ...: the reason of the condition and the `result` label.
std::string_view outcome_name(Outcome outcome);

struct Report {
  std::string resource;
  Outcome outcome = Outcome::failed;
  std::vector<Change> drift;          // as found at the first look
  std::vector<Change> done;           // of these, what was changed
  std::vector<Change> left;           // drift at the last look
  std::string note;                   // why it was left, in a sentence
  std::optional<Error> error;         // with Outcome::failed
  bool seen_in_part = false;          // failed, since a part could not be looked at
  std::vector<Condition> conditions;  // what else the resource saw
  std::chrono::steady_clock::duration took{};
};

// Whether the pair's declaration holds for this resource as far as it can now: in sync, repaired,
// or deferred by design.
bool settled(Outcome outcome);

}  // namespace tandem
