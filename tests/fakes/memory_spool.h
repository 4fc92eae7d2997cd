// The Spool in memory: its state is open, and faults come on request.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/digest.h"
#include "ports/spool.h"

namespace tandem::fakes {

struct SpoolFile {
  SpoolFile() = default;
  SpoolFile(const char* text) : content(text) {}             // NOLINT: files["p"] = "text"
  SpoolFile(std::string text) : content(std::move(text)) {}  // NOLINT
  SpoolFile(std::string text, int seconds)
      : content(std::move(text)), modified(std::chrono::seconds{seconds}) {}

  std::string content;
  std::chrono::system_clock::time_point modified;

  bool operator==(const SpoolFile&) const = default;
};

class MemorySpool : public Spool {
 public:
  // By path from the top; the folders that lead to a file exist by themselves.
  std::map<std::string, SpoolFile> brought, here;
  std::set<std::string> folders;        // here, beside those that files lead to
  std::set<std::string> odd;            // brought: neither file nor folder
  std::map<std::string, Error> errors;  // by "VERB path": "copy_in a/b", "lock a"
  std::string mark = "tandem";
  int room = 1'000'000;  // bytes that copies may still take
  int copies = 0;
  int digests = 0;                            // that were asked for
  std::size_t names_max = std::string::npos;  // that a folder may have to be listed

  Result<std::vector<SpoolEntry>> list(Side side, const std::string& folder) override {
    std::map<std::string, SpoolEntry> found;
    const std::string begin = folder.empty() ? "" : folder + "/";
    bool exists = folder.empty() || (side == Side::here && folders.contains(folder));
    const auto add = [&](const std::string& path, SpoolEntry::Kind kind, const SpoolFile& file) {
      if (!path.starts_with(begin)) return;
      exists = true;
      const std::string rest = path.substr(begin.size());
      const auto slash = rest.find('/');
      SpoolEntry entry{rest.substr(0, slash), kind, file.content.size(), file.modified};
      if (slash != std::string::npos) entry.kind = SpoolEntry::Kind::folder;
      found.emplace(entry.name, entry);
    };
    for (const auto& [path, file] : side == Side::here ? here : brought)
      add(path, SpoolEntry::Kind::file, file);
    if (side == Side::here)
      for (const auto& path : folders) add(path, SpoolEntry::Kind::folder, {});
    else
      for (const auto& path : odd) add(path, SpoolEntry::Kind::other, {});
    if (!exists) return Error{Fault::not_found, folder + ": is not there"};
    std::vector<SpoolEntry> entries;
    for (auto& [name, entry] : found) entries.push_back(std::move(entry));
    if (entries.size() > names_max) return Error{Fault::too_large, folder + ": too many names"};
    return entries;
  }

  Result<SpoolEntry> look(Side side, const std::string& file) override {
    const auto slash = file.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : file.substr(0, slash);
    const std::size_t most = std::exchange(names_max, std::string::npos);
    const auto entries = list(side, folder);
    names_max = most;
    if (!entries.ok()) return entries.error();
    const std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
    for (const SpoolEntry& entry : entries.value())
      if (entry.name == name) return entry;
    return Error{Fault::not_found, file + ": is not there"};
  }
  Result<std::string> read(Side side, const std::string& file) override {
    const auto& files = side == Side::here ? here : brought;
    const auto found = files.find(file);
    if (found == files.end()) return Error{Fault::not_found, file + ": is not there"};
    return found->second.content;
  }
  Result<std::string> digest(Side side, const std::string& file) override {
    ++digests;
    auto content = read(side, file);
    if (!content.ok()) return content.error();
    return sha256(content.value());
  }

  Status make_folder(const std::string& folder) override {
    if (const auto error = fault("make_folder " + folder)) return *error;
    folders.insert(folder);
    return success();
  }

  Result<std::string> copy_in(const std::string& file, const std::string& folder) override {
    if (const auto error = fault("copy_in " + file)) return *error;
    const auto found = brought.find(file);
    if (found == brought.end()) return Error{Fault::not_found, file + ": is not there"};
    const auto held = list(Side::here, folder);
    if (!held.ok() && held.error().fault == Fault::not_found) return held.error();
    if (static_cast<int>(found->second.content.size()) > room)
      return Error{Fault::unavailable, folder + ": No space left on device"};
    room -= static_cast<int>(found->second.content.size());
    const std::string name = std::string(kHidden) + std::to_string(copies++);
    here[join(folder, name)] = found->second;
    return name;
  }

  Status give_name(const std::string& folder, const std::string& hidden,
                   const std::string& name) override {
    if (const auto error = fault("give_name " + join(folder, name))) return *error;
    if (here.contains(join(folder, name))) return Error{Fault::denied, name + ": is there"};
    return put_over(folder, hidden, name);
  }
  Status put_over(const std::string& folder, const std::string& hidden,
                  const std::string& name) override {
    if (const auto error = fault("put_over " + join(folder, name))) return *error;
    const auto found = here.find(join(folder, hidden));
    if (found == here.end()) return Error{Fault::not_found, hidden + ": is not there"};
    here[join(folder, name)] = found->second;
    here.erase(join(folder, hidden));
    return success();
  }
  Status keep_as(const std::string& folder, const std::string& name,
                 const std::string& second) override {
    if (const auto error = fault("keep_as " + join(folder, name))) return *error;
    const SpoolFile kept = here[join(folder, name)];
    here.emplace(join(folder, second), kept);
    return success();
  }
  Status drop(const std::string& folder, const std::string& hidden) override {
    if (!hidden.starts_with(kHidden)) return Error{Fault::invalid, hidden};
    here.erase(join(folder, hidden));
    return success();
  }
  Status sync(const std::string&) override { return success(); }

  Status lock(const std::string& folder) override {
    if (const auto error = fault("lock " + folder)) return *error;
    if (!here.emplace(join(folder, ".lock"), SpoolFile(mark)).second)
      return Error{Fault::timed_out, folder + ": somebody else holds its lock"};
    return success();
  }
  Status unlock(const std::string& folder) override {
    here.erase(join(folder, ".lock"));
    return success();
  }
  Status clear_lock(const std::string& folder) override {
    const auto found = here.find(join(folder, ".lock"));
    if (found != here.end() && found->second.content == mark) here.erase(found);
    return success();
  }

 private:
  static std::string join(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + "/" + name;
  }
  std::optional<Error> fault(const std::string& call) const {
    const auto found = errors.find(call);
    return found == errors.end() ? std::nullopt : std::optional(found->second);
  }
};

}  // namespace tandem::fakes
