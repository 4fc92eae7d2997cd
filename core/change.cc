#include "core/change.h"

#include <cstdlib>

namespace tandem {

std::string_view reach_name(Reach reach) {
  switch (reach) {
    case Reach::none: return "none";
    case Reach::file: return "file";
    case Reach::reload: return "reload";
    case Reach::restart: return "restart";
    case Reach::telephony: return "telephony";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem
