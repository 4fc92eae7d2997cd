#include "app/release_keys.h"

#include <fmt/format.h>

#include <utility>

#include "pbx/authorized_keys.h"
#include "pbx/peer_ssh.h"

namespace tandem {
namespace {

// A file that held nothing but our line was made for it.
Status write_rest(Filesystem& files, const std::string& rest) {
  return rest.empty() ? files.remove(kAuthorizedKeys)
                      : files.replace(kAuthorizedKeys, rest, kAuthorizedKeysMode);
}

// Whether `path` was there, and is gone now.
Result<bool> removed(Filesystem& disk, const std::string& path) {
  const auto status = disk.status(path);
  if (!status.ok()) return status.error();
  if (!status.value()) return false;
  const Status gone = disk.remove(path);
  if (!gone.ok()) return gone.error();
  return true;
}

}  // namespace

Result<std::vector<std::string>> release_keys(Filesystem& files, Filesystem& disk,
                                              const std::string& folder,
                                              const std::string& password_file) {
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
  const SshFiles paths(folder);
  const std::pair<std::string, std::string> kOurs[] = {
      {paths.key, "our key {} is gone"},
      {paths.public_key, "its public half {} is gone"},
      {paths.draft, "the key {}, half made, is gone"},
      {paths.draft + ".pub", "its public half {} is gone"},
      {paths.known_hosts, "the pinned host key in {} is gone"},
      {password_file, "the password of the database role in {} is gone"}};
  for (const auto& [path, sentence] : kOurs) {
    const auto gone = removed(disk, path);
    if (!gone.ok()) return gone.error();
    if (gone.value()) told.push_back(fmt::format(fmt::runtime(sentence), path));
  }
  return told;
}

}  // namespace tandem
