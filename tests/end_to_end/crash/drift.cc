#include "tests/end_to_end/crash/drift.h"

#include <algorithm>
#include <iterator>

namespace tandem::crash {
namespace {

namespace fs = std::filesystem;

// In place, as a careless script does: the file is the same one, with its mode.
std::string write_file(CrashNode& node, const char* path, const std::string& content,
                       unsigned mode = 0644) {
  write_to(node.managed(path), content);
  fs::permissions(node.managed(path), fs::perms{mode});
  return file_fact(mode, content);
}

std::string remove_file(CrashNode& node, const char* path) {
  fs::remove(node.managed(path));
  return "absent";
}

// By path: something that it must not be. Off, a node may have no ha.conf.
std::string disturb(CrashNode& node, const std::string& path, bool enabled, Dice& dice) {
  const auto choice = dice() % 3;
  if (path == kHaConf) {
    if (choice == 0 && enabled) return remove_file(node, kHaConf);
    const auto* text = choice == 1 ? R"({"node_type": "mas)" : R"({"node_type": "slave"})";
    return write_file(node, kHaConf, text);
  }
  if (path == kCronMaster) {
    if (choice == 0 && fs::exists(node.managed(path))) return remove_file(node, kCronMaster);
    return write_file(node, kCronMaster, "0 * * * * root /bin/true\n", choice == 1 ? 0666 : 0644);
  }
  if (path == kCronSlave)
    return write_file(node, kCronSlave,
                      "* * * * * root /usr/sbin/xivo-check-master-status 127.0.0.12 >/dev/null\n");
  if (path == kIsPrimary && fs::exists(node.managed(path))) return remove_file(node, kIsPrimary);
  return write_file(node, path == kIsPrimary ? kIsPrimary : kIsSecondary, "");
}

// An administrator's edit in confd, of a template or by adding a registrar. Off, a new registrar
// is right as it is.
void disturb_services(CrashNode& node, bool enabled, Dice& dice, Facts& made) {
  if (enabled && dice() % 4 == 0) {
    const auto id = "added" + std::to_string(dice());
    node.control("POST", "/registrars", {{"id", id}});
    made["registrar " + id] = "none none";
    return;
  }
  for (const auto& [name, value] : node.facts()) {
    if (!name.starts_with("template ")) continue;
    node.control("PATCH", "/templates/" + name.substr(9), {{"maximum_expiration", "7200"}});
    made[name] = "60/7200/120";
  }
}

}  // namespace

Facts make_drift(CrashNode& node, bool enabled, Dice& dice) {
  Facts made;
  std::vector<std::string> paths(std::begin(kFiles), std::end(kFiles));
  std::shuffle(paths.begin(), paths.end(), dice);
  const std::size_t files = dice() % (paths.size() + 1);
  if (files == 0 || dice() % 3 == 0) disturb_services(node, enabled, dice, made);
  for (std::size_t i = 0; i < files; ++i) made[paths[i]] = disturb(node, paths[i], enabled, dice);
  return made;
}

}  // namespace tandem::crash
