// A registrar as phones learn it, whichever way it was read.
#pragma once

#include <string>

namespace tandem {

// Absent, null and "" mean the same in the vendor's documents, and are "" here.
struct Registrar {
  std::string id;
  std::string main_host;
  std::string proxy_main_host;
  std::string backup_host;
  std::string proxy_backup_host;

  bool operator==(const Registrar&) const = default;
};

}  // namespace tandem
