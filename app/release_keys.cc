#include "app/release_keys.h"

#include <fmt/format.h>

#include "pbx/authorized_keys.h"

namespace tandem {
namespace {

// A file that held nothing but our line was made for it.
Status write_rest(Filesystem& files, const std::string& rest) {
  return rest.empty() ? files.remove(kAuthorizedKeys)
                      : files.replace(kAuthorizedKeys, rest, kAuthorizedKeysMode);
}

}  // namespace

Result<std::vector<std::string>> release_keys(Filesystem& files, Filesystem& disk,
                                              const std::string& folder) {
  std::vector<std::string> told;
  const auto keys = files.read(kAuthorizedKeys);
  if (!keys.ok() && keys.error().fault != Fault::not_found) return keys.error();
  const std::string text = keys.ok() ? keys.value() : "";
  const std::string rest = without_gate_lines(text);
  if (rest != text) {
    const Status written = write_rest(files, rest);
    if (!written.ok()) return written.error();
    told.push_back(fmt::format("our line in {} is gone", kAuthorizedKeys));
  }
  const auto names = disk.list(folder);
  if (!names.ok())
    return names.error().fault == Fault::not_found ? Result<std::vector<std::string>>(told)
                                                   : names.error();
  for (const std::string& name : names.value()) {
    const Status removed = disk.remove(folder + "/" + name);
    if (!removed.ok()) return removed.error();
  }
  if (!names.value().empty()) told.push_back(fmt::format("our key in {} is gone", folder));
  return told;
}

}  // namespace tandem
