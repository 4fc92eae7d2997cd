#include "core/condition.h"

#include <cstdlib>

namespace tandem {

std::string_view truth_name(Truth truth) {
  switch (truth) {
    case Truth::no: return "False";
    case Truth::yes: return "True";
    case Truth::unknown: return "Unknown";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

bool is_well(const Condition& condition) {
  return condition.status == (condition.good_when_true ? Truth::yes : Truth::no);
}

}  // namespace tandem
