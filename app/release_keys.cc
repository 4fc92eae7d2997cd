#include "app/release_keys.h"

#include <fmt/format.h>

#include "pbx/authorized_keys.h"
#include "pbx/peer_ssh.h"
#include "pbx/ssh_keys.h"

namespace tandem {
namespace {

// A file that held nothing but our line was made for it.
Status write_rest(Filesystem& files, const std::string& rest) {
  return rest.empty() ? files.remove(kAuthorizedKeys)
                      : files.replace(kAuthorizedKeys, rest, kAuthorizedKeysMode);
}

using Told = std::vector<std::string>;

// Only the public half tells whose a key is: it goes last.
Status remove_key(Filesystem& disk, const std::string& key, std::string_view what, Told& told) {
  const auto open = disk.read(key + ".pub");
  if (!open.ok() && open.error().fault != Fault::not_found) return open.error();
  const auto secret = disk.status(key);
  if (!secret.ok()) return secret.error();
  if (!open.ok() && !secret.value()) return success();
  if (!open.ok() || !is_own_key(open.value())) {
    told.push_back(fmt::format("{} is not known to be a key that tandem init made: it stays", key));
    return success();
  }
  for (const std::string& path : {key, key + ".pub"}) {
    const Status gone = disk.remove(path);
    if (!gone.ok()) return gone;
  }
  told.push_back(fmt::format("{} {} is gone", what, key));
  return success();
}

Status remove_host_key(Filesystem& disk, const std::string& path, const std::string& peer,
                       Told& told) {
  const auto text = disk.read(path);
  if (!text.ok() && text.error().fault == Fault::not_found) return success();
  if (!text.ok()) return text.error();
  if (!has_host_key_of(text.value(), peer)) return success();
  const std::string rest = without_host_keys_of(text.value(), peer);
  const Status done = rest.empty() ? disk.remove(path) : disk.replace(path, rest, kKeyMode);
  if (done.ok()) told.push_back(fmt::format("the pinned host key of {} in {} is gone", peer, path));
  return done;
}

Status remove_line(Filesystem& files, Told& told) {
  const auto keys = files.read(kAuthorizedKeys);
  if (!keys.ok() && keys.error().fault != Fault::not_found) return keys.error();
  const std::string text = keys.ok() ? keys.value() : "";
  const std::string rest = without_gate_lines(text);
  if (rest == text) return success();
  const Status written = write_rest(files, rest);
  if (written.ok()) told.push_back(fmt::format("our line in {} is gone", kAuthorizedKeys));
  return written;
}

Status remove_password(Filesystem& disk, const std::string& path, Told& told) {
  const auto status = disk.status(path);
  if (!status.ok()) return status.error();
  if (!status.value()) return success();
  const Status gone = disk.remove(path);
  if (gone.ok()) told.push_back(fmt::format("the database password in {} is gone", path));
  return gone;
}

}  // namespace

Result<std::vector<std::string>> release_keys(Filesystem& files, Filesystem& disk,
                                              const KeyPlaces& places) {
  Told told;
  const SshFiles paths(places.folder);
  Status done = remove_line(files, told);
  if (done.ok()) done = remove_key(disk, paths.key, "our key", told);
  if (done.ok()) done = remove_key(disk, paths.draft, "our key, half made,", told);
  if (done.ok()) done = remove_host_key(disk, paths.known_hosts, places.peer_address, told);
  if (done.ok()) done = remove_password(disk, places.password_file, told);
  if (!done.ok()) return done.error();
  return told;
}

}  // namespace tandem
