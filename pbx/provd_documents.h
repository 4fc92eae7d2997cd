// provd's documents as they lie on disk: how its registrars are known while it is stopped, as it is
// by design on a node that stands by.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/result.h"
#include "pbx/registrar.h"
#include "ports/filesystem.h"

namespace tandem {

class ProvdDocuments {
 public:
  static constexpr std::size_t kDocumentsMax = 50'000;

  explicit ProvdDocuments(Filesystem& files) : files_(files) {}

  // The registrars among the documents in `directory` (Profile::provd_configs), sorted by id. No
  // such directory: none, as before the wizard. A registrar's document that is no JSON is
  // Fault::invalid.
  Result<std::vector<Registrar>> registrars(const std::string& directory);

 private:
  Filesystem& files_;
};

}  // namespace tandem
