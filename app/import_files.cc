#include "app/import_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "core/spec.h"
#include "reconciler/spec_keeper.h"

namespace tandem {
namespace {

// Every user's `tandem status` reads where the operator listens, and it holds no secret.
constexpr mode_t kOperatorMode = 0644;
// It may hold a secret, the path of a webhook, and nobody but root has to read it.
constexpr mode_t kPairMode = 0600;

struct OneFile {
  std::string path;
  std::string text;
  mode_t mode;
  std::optional<std::string> before;  // nullopt: it was not there
  bool keep = false;                  // what is there is good
};

Result<OneFile> look(Filesystem& disk, std::string path, std::string text, mode_t mode) {
  OneFile file{std::move(path), std::move(text), mode, std::nullopt, false};
  auto there = disk.read(file.path, kSpecBytesMax);
  if (there.ok())
    file.before = std::move(there).value();
  else if (there.error().fault != Fault::not_found)
    return there.error();
  return file;
}

Error is_there(const std::string& path, const std::string& why) {
  return {Fault::invalid,
          fmt::format("{} is there already{}; nothing was written. Look at it, then give --force "
                      "to overwrite it, or another folder",
                      path, why)};
}

// The declaration that is there already, if it is of this pair.
Result<HAPair> agreed(const OneFile& file, const HAPair& found) {
  const auto declared = parse_pair(*file.before, file.path);
  if (!declared) return is_there(file.path, " and can not be read as a declaration");
  const auto lines = contradictions(*declared, found);
  if (lines.empty()) return *declared;
  return is_there(file.path, fmt::format(" and contradicts this node (found -> declared): {}",
                                         fmt::join(lines, "; ")));
}

const std::string& own_name(const HAPair& pair, const Found& found) {
  return found.role == Role::primary ? pair.primary.name : pair.secondary.name;
}

// A kept declaration must call this node what it is called here: else every command on it fails.
Status names_this_node(const std::string& path, const HAPair& declared, const Found& found) {
  const std::string& name = own_name(declared, found);
  if (name == found.own_name.value) return success();
  return Error{
      Fault::invalid,
      fmt::format("{} calls the {} {}, and this node is {} (from {}); nothing was written. "
                  "Correct the name in pair.yaml on both nodes, or, if it is meant, run "
                  "this again with --node {}",
                  path, role_name(found.role), name, found.own_name.value, found.own_name.from,
                  name)};
}

Error made_up(const std::string& folder) {
  return {Fault::invalid,
          fmt::format("nothing on this node tells the other node's host name, and a made-up one is "
                      "not written, since to change it later takes an order on both; run: tandem "
                      "import --write {} --peer-name NAME",
                      folder)};
}

Status put_back(Filesystem& disk, const OneFile& file) {
  return file.before ? disk.replace(file.path, *file.before, file.mode) : disk.remove(file.path);
}

std::string sentence(const OneFile& file) {
  if (file.keep) return file.path + " is kept: it declares what was found";
  return file.path + (file.before ? " is overwritten" : " is written");
}

// All or none.
Status write_all(Filesystem& disk, const std::vector<OneFile>& files) {
  Status done = success();
  auto file = files.begin();
  for (; file != files.end() && done.ok(); ++file)
    if (!file->keep) done = disk.replace(file->path, file->text, file->mode);
  if (done.ok()) return done;
  for (--file; file != files.begin();) {
    --file;
    if (file->keep) continue;
    const Status undone = put_back(disk, *file);
    if (undone.ok()) continue;
    done = Error{done.error().fault,
                 fmt::format("{}; and {} could not be put back: {}", done.error().message,
                             file->path, undone.error().message)};
  }
  return done;
}

}  // namespace

Result<std::vector<std::string>> write_imported(Filesystem& disk, const ImportTarget& target,
                                                const HAPair& pair, const Found& found,
                                                OperatorConfig config) {
  auto pair_file = look(disk, target.folder + "/pair.yaml", pair_text(pair, found), kPairMode);
  if (!pair_file.ok()) return pair_file.error();
  OneFile& first = pair_file.value();
  HAPair declared = pair;
  if (first.before && !target.force && *first.before != first.text) {
    auto there = agreed(first, pair);
    if (!there.ok()) return there.error();
    declared = std::move(there).value();
    first.text = *first.before;
    const Status named = names_this_node(first.path, declared, found);
    if (!named.ok()) return named.error();
  }
  first.keep = first.before == first.text;
  if (!first.keep && found.peer_name.value.empty()) return made_up(target.folder);
  config.node = own_name(declared, found);

  auto config_file =
      look(disk, target.folder + "/operator.yaml", operator_text(config), kOperatorMode);
  if (!config_file.ok()) return config_file.error();
  OneFile& second = config_file.value();
  second.keep = second.before == second.text;
  if (second.before && !second.keep && !target.force) {
    const auto there = parse_operator(*second.before, second.path);
    if (!there || there->node != config.node) return is_there(second.path, "");
    second.keep = true;
  }
  auto imported = look(disk, SpecKeeper::imported_path(config.state_dir), first.text, kPairMode);
  if (!imported.ok()) return imported.error();
  for (const std::string& folder : {config.state_dir, target.folder}) {
    const Status made = disk.make_directories(folder);
    if (!made.ok()) return made.error();
  }
  // The declaration last: it is what an operator follows.
  const Status written = write_all(disk, {imported.value(), second, first});
  if (!written.ok()) return written.error();
  return std::vector<std::string>{sentence(first), sentence(second)};
}

}  // namespace tandem
