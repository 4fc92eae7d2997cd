// A named True/False/Unknown with reason, message and time, after the Kubernetes API conventions.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

enum class Truth { no, yes, unknown };

// "False", "True", "Unknown"
std::string_view truth_name(Truth truth);

struct Condition {
  std::string type;  // CamelCase, an adjective or past tense: "SpecAccepted"
  Truth status = Truth::unknown;
  std::string reason;   // one CamelCase word
  std::string message;  // a sentence for a person: what is, and what to do
  // True where `status` yes is the healthy side; False for conditions like Contested or Suspended.
  bool good_when_true = true;
  // What high availability needs beside this node's own order: `tandem doctor` tells it, and Ready
  // goes without it, since it may stay so for long and nothing of it is in this node's hands.
  bool advisory = false;

  bool operator==(const Condition&) const = default;
};

// Whether the condition needs nobody's attention. Unknown is not well.
bool is_well(const Condition& condition);

}  // namespace tandem
