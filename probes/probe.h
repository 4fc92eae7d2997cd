// The contract of a probe: it measures one thing and gives a verdict with a reason. "I could not
// ask" is unknown, never bad.
#pragma once

#include <string>

namespace tandem {

enum class Verdict { good, bad, unknown };

struct Reading {
  Verdict verdict = Verdict::unknown;
  std::string reason;   // one CamelCase word
  std::string message;  // a sentence for a person, with the remedy where it is bad

  bool operator==(const Reading&) const = default;
};

}  // namespace tandem
