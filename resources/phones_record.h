// What the phones were last told: kept in the state directory, since no later look at the node can
// tell whether a phone has fetched its configuration.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/pair.h"
#include "core/result.h"
#include "pbx/registrar.h"
#include "ports/filesystem.h"

namespace tandem {

// A fingerprint of all that phones take from the registrars, whatever their order.
std::string registrars_digest(const std::vector<Registrar>& registrars);

struct PhonesKnow {
  std::string digest;               // registrars_digest() of what they were told
  WallTime at{};                    // whole seconds
  std::vector<std::string> failed;  // devices that could not be told, at most kFailedMax
  std::size_t failures = 0;         // all of them

  bool operator==(const PhonesKnow&) const = default;
};

class PhonesRecord {
 public:
  static constexpr std::size_t kFailedMax = 100;

  // `path` of the file; it and its folder are made when needed.
  PhonesRecord(Filesystem& files, std::string path);

  // nullopt: nothing was written down yet, or what was is damaged.
  Result<std::optional<PhonesKnow>> read();
  Status write(PhonesKnow know);

 private:
  Filesystem& files_;
  std::string path_;
};

}  // namespace tandem
