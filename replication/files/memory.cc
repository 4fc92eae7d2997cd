#include "replication/files/memory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/json_text.h"

namespace tandem::files {
namespace {

using Json = nlohmann::json;

constexpr mode_t kMode = 0600;
constexpr std::size_t kMountsMax = 256;  // of one folder

std::string path_in(const std::string& state_dir) { return state_dir + "/files-copied.json"; }

// A name that JSON can not hold is left out: its mount is then not missed.
bool is_plain(const std::string& name) {
  return std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; });
}

Json to_json(const RememberedFolder& folder) {
  return {{"inode", folder.number},
          {"mount", folder.is_mount},
          {"mounts", folder.mounts},
          {"files", folder.files}};
}

bool is_folder(const Json& json) {
  if (!json.is_object() || json.size() != 4) return false;
  for (const char* number : {"inode", "files"})
    if (!json.contains(number) || !json[number].is_number_unsigned()) return false;
  if (!json.contains("mount") || !json["mount"].is_boolean()) return false;
  if (!json.contains("mounts") || !json["mounts"].is_array()) return false;
  return std::ranges::all_of(json["mounts"], [](const Json& name) { return name.is_string(); });
}

}  // namespace

RememberedFolder remembered(const TreeLook& look) {
  RememberedFolder folder{look.number, look.is_mount, {}, look.files};
  for (const std::string& name : look.mounts)
    if (is_plain(name) && folder.mounts.size() < kMountsMax) folder.mounts.push_back(name);
  return folder;
}

std::string to_text(const RememberedFolders& folders) {
  Json json = Json::object();
  for (const auto& [path, folder] : folders) json[path] = to_json(folder);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<RememberedFolders> read_remembered(const std::string& text) {
  const Json json = read_json(text);
  if (!json.is_object()) return Error{Fault::invalid, "it is no JSON object"};
  RememberedFolders folders;
  for (const auto& [path, value] : json.items()) {
    if (!is_folder(value)) return Error{Fault::invalid, path + ": not what was copied of a folder"};
    folders[path] = {value["inode"].get<std::uint64_t>(), value["mount"].get<bool>(),
                     value["mounts"].get<std::vector<std::string>>(),
                     value["files"].get<std::uint64_t>()};
  }
  return folders;
}

RememberedFolders load_remembered(Filesystem& disk, const std::string& state_dir) {
  const auto text = disk.read(path_in(state_dir));
  if (!text.ok()) return {};
  auto folders = read_remembered(text.value());
  return folders.ok() ? std::move(folders).value() : RememberedFolders();
}

Status keep_remembered(Filesystem& disk, const std::string& state_dir,
                       const RememberedFolders& folders) {
  return disk.replace(path_in(state_dir), to_text(folders), kMode);
}

}  // namespace tandem::files
